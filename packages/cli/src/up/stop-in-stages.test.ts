import { expect, it } from "vitest";
import type { Part } from "./part.ts";
import { ROLES, type Role } from "./roles.ts";
import { stopInStages } from "./stop-in-stages.ts";

/** A part that takes a turn of the event loop to stop, so that one that doesn't wait for it would be found out. */
const partOf = (role: Role, said: string[], inTime = true): Part => ({
  role,
  name: role,
  port: 1,
  pid: 1,
  start: async () => {},
  probe: async () => ({ ready: true, said: "" }),
  stop: async () => {
    said.push(`${role} asked`);
    await new Promise((resolve) => setImmediate(resolve));
    said.push(`${role} gone`);
    return inTime;
  },
  kill: () => true,
  killNow: () => {},
  lastLog: () => "",
});

it("stops from nginx to Redis, and each stage only when the one before is gone", async () => {
  const said: string[] = [];
  const parts = ROLES.map((role) => partOf(role, said));
  await stopInStages(parts, { limitMs: 1, onSlow: () => {} });
  expect(said).toEqual([
    ...["nginx asked", "nginx gone"],
    ...["playserver asked", "monitor asked", "playserver gone", "monitor gone"],
    ...["orchestrator asked", "sweeper asked", "orchestrator gone", "sweeper gone"],
    ...["matchmaker asked", "matchmaker gone"],
    ...["mover asked", "mover gone"],
    ...["webhooks asked", "archiver asked", "webhooks gone", "archiver gone"],
    ...["redis asked", "redis gone"],
  ]);
});

it("goes on after one that had to be killed, and tells", async () => {
  const said: string[] = [];
  const slow: string[] = [];
  const parts = [partOf("redis", said), partOf("mover", said, false)];
  await stopInStages(parts, { limitMs: 1, onSlow: ({ name }) => slow.push(name) });
  expect(slow).toEqual(["mover"]);
  expect(said.at(-1)).toBe("redis gone");
});
