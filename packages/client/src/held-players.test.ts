import type { StateFrame } from "@muster/core";
import { expect, it } from "vitest";
import { HeldPlayers } from "./held-players.ts";

const frame = (version: number, state: StateFrame["state"] = "inqueue"): StateFrame => ({
  op: "state",
  player: "ann",
  state,
  version,
  at: version,
});

it("adds and removes each player once", () => {
  const held = new HeldPlayers();
  expect(held.add(["ann", "bob", "ann"])).toEqual(["ann", "bob"]);
  expect(held.add(["bob", "cat"])).toEqual(["cat"]);
  expect(held.remove(["bob", "bob", "eve"])).toEqual(["bob"]);
  expect(held.all()).toEqual(["ann", "cat"]);
});

it("delivers newer versions only, and names the older ones stale", () => {
  const held = new HeldPlayers();
  expect(held.judge(frame(1))).toBe("ignore");
  held.add(["ann"]);
  expect(held.judge(frame(0, "idle"))).toBe("deliver");
  expect(held.judge(frame(5))).toBe("deliver");
  expect(held.judge(frame(5))).toBe("ignore");
  expect(held.judge(frame(4))).toBe("stale");
  expect(held.judge(frame(6))).toBe("deliver");
});

it("delivers the same snapshot again only to one that let go in between", () => {
  const held = new HeldPlayers();
  held.add(["ann"]);
  held.judge(frame(5));
  held.newConnection();
  expect(held.judge(frame(5))).toBe("ignore");
  held.remove(["ann"]);
  held.add(["ann"]);
  expect(held.judge(frame(5))).toBe("deliver");
});

it("tells that a player became idle and was forgotten while the connection was away", () => {
  const held = new HeldPlayers();
  held.add(["ann"]);
  held.judge(frame(5, "inmatch"));
  expect(held.judge(frame(0, "idle"))).toBe("stale");
  held.newConnection();
  expect(held.judge(frame(0, "idle"))).toBe("deliver");
  held.newConnection();
  expect(held.judge(frame(0, "idle"))).toBe("ignore");
  expect(held.judge(frame(5, "inmatch"))).toBe("ignore");
  expect(held.judge(frame(6))).toBe("deliver");
});
