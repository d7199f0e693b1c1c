import type { StateFrame } from "@muster/core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { MusterConnectionError } from "./errors.ts";
import { RealmSocket, type RealmSocketOptions } from "./realm-socket.ts";
import type { Retry } from "./repairing-socket.ts";
import { FakeWebSocket } from "./testing/fake-web-socket.ts";

const state = (player: string, version: number): StateFrame => ({
  op: "state",
  player,
  state: "inqueue",
  version,
  at: 1,
});

const newest = (): FakeWebSocket => {
  const socket = FakeWebSocket.made.at(-1);
  if (!socket) throw new Error("no WebSocket was made");
  return socket;
};

const start = (options: Partial<RealmSocketOptions> = {}) => {
  const socket = new RealmSocket({
    url: "https://muster.example",
    WebSocket: FakeWebSocket,
    random: { next: () => 0 },
    timeoutMs: 1_000,
    ...options,
  });
  const seen: string[] = [];
  socket.on("state", (frame) => seen.push(`${frame.player} ${frame.version}`));
  socket.on("stale", (frame) => seen.push(`stale ${frame.player} ${frame.version}`));
  socket.on("error", (error) => seen.push(`error ${error.code}`));
  socket.on("open", ({ reconnected }) => seen.push(reconnected ? "reopened" : "opened"));
  socket.on("close", ({ code, willReconnect }) => seen.push(`closed ${code} ${willReconnect}`));
  return { socket, seen };
};

const open = async (options: Partial<RealmSocketOptions> = {}) => {
  const started = start(options);
  const connected = started.socket.connect();
  newest().open();
  await connected;
  return started;
};

beforeEach(() => {
  vi.useFakeTimers();
  FakeWebSocket.made = [];
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

it("watches what was asked for before it was open, in chunks", async () => {
  const { socket } = start();
  const players = Array.from({ length: 2_300 }, (_, index) => `p${index}`);
  socket.watch(players);
  const connected = socket.connect();
  expect(newest().url).toBe("wss://muster.example/v1/realm");
  newest().open();
  await connected;
  expect(newest().sent).toEqual([
    { op: "watch", players: players.slice(0, 1_000) },
    { op: "watch", players: players.slice(1_000, 2_000) },
    { op: "watch", players: players.slice(2_000) },
  ]);
  socket.watch(["p0", "new"]);
  socket.unwatch(["p1"]);
  expect(newest().sent.slice(3)).toEqual([
    { op: "watch", players: ["new"] },
    { op: "unwatch", players: ["p1"] },
  ]);
  await socket.close();
});

it("delivers each player's newer versions only", async () => {
  const { socket, seen } = await open();
  socket.watch(["ann", "bob"]);
  for (const frame of [state("ann", 3), state("bob", 1), state("ann", 3), state("ann", 2), state("ann", 4)]) {
    newest().say(frame);
  }
  newest().say(state("eve", 9));
  expect(seen).toEqual(["opened", "ann 3", "bob 1", "stale ann 2", "ann 4"]);
  await socket.close();
});

it("comes back after a loss with growing waits, watches all held players again, and repeats no state", async () => {
  const { socket, seen } = await open();
  socket.watch(["ann", "bob"]);
  socket.unwatch(["bob"]);
  newest().say(state("ann", 3));
  newest().drop();
  expect(FakeWebSocket.made).toHaveLength(1);
  vi.advanceTimersByTime(50);
  expect(FakeWebSocket.made).toHaveLength(2);
  newest().drop();
  vi.advanceTimersByTime(99);
  expect(FakeWebSocket.made).toHaveLength(2);
  vi.advanceTimersByTime(1);
  expect(FakeWebSocket.made).toHaveLength(3);
  socket.watch(["cat"]);
  newest().open();
  // So that a server that finds less than version 3 knows that it was lost.
  expect(newest().sent).toEqual([{ op: "watch", players: ["ann", "cat"], versions: [3, 0] }]);
  newest().say(state("ann", 3));
  newest().say(state("ann", 7));
  expect(seen).toEqual(["opened", "ann 3", "closed 1006 true", "reopened", "ann 7"]);
  await socket.close();
});

it("does not hurry towards a server that accepts and closes again", async () => {
  const { socket } = await open();
  const waits: number[] = [];
  for (let round = 0; round < 8; round++) {
    newest().drop();
    const made = FakeWebSocket.made.length;
    let waited = 0;
    while (FakeWebSocket.made.length === made) {
      vi.advanceTimersByTime(10);
      waited += 10;
    }
    waits.push(waited);
    newest().open();
  }
  expect(waits).toEqual([50, 100, 200, 400, 800, 1_600, 2_500, 2_500]);
  await socket.close();
});

it("gives up a connection that does not open in time", async () => {
  const { socket } = await open();
  newest().drop();
  vi.advanceTimersByTime(50 + 1_000 + 100);
  expect(FakeWebSocket.made).toHaveLength(3);
  newest().open();
  await socket.close();
});

it("rejects connect() when the first attempt fails, and can be asked again", async () => {
  const { socket, seen } = start();
  const first = socket.connect();
  newest().drop();
  await expect(first).rejects.toThrow("wss://muster.example/v1/realm");
  const second = socket.connect();
  expect(socket.connect()).toBe(second);
  newest().open();
  await second;
  expect(seen).toEqual(["opened"]);
  await socket.close();
});

it("passes on error frames and unreadable ones, and goes on", async () => {
  const { socket, seen } = await open();
  socket.watch(["ann"]);
  newest().say({ op: "error", code: "INVALID", message: "no" });
  newest().say("{");
  newest().say({ op: "party" });
  newest().say(state("ann", 1));
  expect(seen).toEqual(["opened", "error INVALID", "error UNREADABLE", "error UNREADABLE", "ann 1"]);
  await socket.close();
});

it("stays closed after close(), also when it was about to reconnect", async () => {
  const { socket, seen } = await open();
  newest().drop();
  await socket.close();
  vi.advanceTimersByTime(60_000);
  expect(FakeWebSocket.made).toHaveLength(1);
  const again = socket.connect();
  newest().open();
  await again;
  await socket.close();
  expect(seen.slice(-2)).toEqual(["opened", "closed 1000 false"]);
});

it("asks a server that is silent for a sign of life, and takes any frame as one", async () => {
  const { socket, seen } = await open();
  const first = newest();
  socket.watch(["ann"]);
  first.say(state("ann", 1));
  vi.advanceTimersByTime(15_000);
  expect(first.sent).not.toContainEqual({ op: "ping" });
  vi.advanceTimersByTime(15_000);
  expect(first.sent.at(-1)).toEqual({ op: "ping" });
  first.say({ op: "pong" });
  vi.advanceTimersByTime(30_000);
  expect(first.sent.filter((frame) => JSON.stringify(frame) === '{"op":"ping"}')).toHaveLength(2);
  expect(seen).toEqual(["opened", "ann 1"]);
  await socket.close();
});

it("gives up a connection that was lost without a word, and comes back", async () => {
  const { socket, seen } = await open();
  socket.watch(["ann"]);
  vi.advanceTimersByTime(15_000 + 15_000);
  expect(seen).toEqual(["opened", "closed 0 true"]);
  vi.advanceTimersByTime(50);
  expect(FakeWebSocket.made).toHaveLength(2);
  newest().open();
  expect(newest().sent).toEqual([{ op: "watch", players: ["ann"] }]);
  await socket.close();
});

it("tells of each try to come back that failed", async () => {
  const { socket } = await open();
  const retries: Retry[] = [];
  socket.on("retry", (retry) => retries.push(retry));
  newest().drop();
  vi.advanceTimersByTime(50);
  newest().drop();
  expect(retries).toEqual([{ failures: 2, inMs: 100, error: expect.any(MusterConnectionError) }]);
  await socket.close();
});

it("tells when its key is taken no more, until it is taken again", async () => {
  const { socket } = await open({ credential: "m_revoked" });
  const errors: Error[] = [];
  socket.on("retry", ({ error }) => errors.push(error));
  newest().drop(4003);
  vi.advanceTimersByTime(50);
  newest().drop();
  vi.advanceTimersByTime(100);
  newest().open();
  newest().drop();
  vi.advanceTimersByTime(200);
  newest().drop();
  expect(errors.map(({ name }) => name)).toEqual(["MusterCredentialError", "MusterConnectionError"]);
  await socket.close();
});

it("tells when no key can be had, or none in time, and asks again", async () => {
  const answers = [
    () => Promise.resolve("first"),
    () => Promise.reject(new Error("the vault is shut")),
    () => new Promise<string>(() => {}),
    () => Promise.resolve("second"),
  ];
  const { socket } = start({ credential: () => answers.shift()?.() ?? "" });
  const errors: string[] = [];
  socket.on("retry", ({ error }) => errors.push(`${error.name}: ${error.message}`));
  const connected = socket.connect();
  await vi.advanceTimersByTimeAsync(0);
  newest().open();
  await connected;
  newest().drop();
  await vi.advanceTimersByTimeAsync(50 + 100 + 1_000 + 200);
  expect(errors).toEqual([
    "MusterCredentialError: No credential could be had: the vault is shut",
    "MusterCredentialError: No credential could be had within 1000 ms",
  ]);
  expect(FakeWebSocket.made).toHaveLength(2);
  newest().open();
  await socket.close();
});

it("names the option that gives a WebSocket where the runtime has none", async () => {
  const { socket } = start({ WebSocket: undefined });
  await expect(socket.connect()).rejects.toThrow("option `WebSocket`");
});
