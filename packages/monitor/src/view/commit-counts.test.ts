import { expect, it } from "vitest";
import { CommitCounts, conflictShareOf } from "./commit-counts.ts";
import type { ServiceView } from "./frames.ts";

const mover = (figures: ServiceView["figures"]): ServiceView => ({
  ...{ name: "mover-1", role: "mover", version: "1", host: "here", pid: 1, startedAt: 0, at: 0, dead: false },
  ...{ load: { cpuShare: 0, rssMiB: 1, loopShare: 0 }, holds: { count: 0, ids: [] }, figures },
});

it("tells what was committed and conflicted since the look before, by queue", () => {
  const counts = new CommitCounts();
  counts.since([mover({ matches: 10, conflicts: 2, "conflicts:duel": 2 })]);
  const now = counts.since([mover({ matches: 13, conflicts: 4, "conflicts:duel": 3, "conflicts:team": 1 })]);
  expect(now).toEqual({
    ...{ matches: 3, conflicts: 2 },
    byQueue: new Map([
      ["duel", 1],
      ["team", 1],
    ]),
  });
});

it("counts nothing twice or backwards when a mover begins anew", () => {
  const counts = new CommitCounts();
  counts.since([mover({ matches: 10, conflicts: 2, "conflicts:duel": 2 })]);
  expect(counts.since([mover({ matches: 1, conflicts: 0 })])).toEqual({ matches: 0, conflicts: 0, byQueue: new Map() });
  expect(counts.since([mover({ matches: 4, conflicts: 0 })])).toMatchObject({ matches: 3 });
});

it("knows no share where nothing was proposed", () => {
  expect(conflictShareOf({ matches: 0, conflicts: 0 })).toBeNull();
  expect(conflictShareOf({ matches: 3, conflicts: 1 })).toBe(0.25);
});
