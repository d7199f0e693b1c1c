import type { Delta, QueueView, Snapshot } from "@muster/monitor/frames";
import { describe, expect, it } from "vitest";
import { criteriaLines } from "./criteria.ts";
import { EMPTY, reduce, type State, spreadOf } from "./state.ts";
import { timelineOf } from "./timeline.ts";
import { firstOf, uptime } from "./words.ts";

const point = (id: string) => ({ id, queue: "duel", elo: 1_000, players: 1, since: 0 });
const snapshot: Snapshot = {
  ...{ kind: "snapshot", seq: 7, at: 1_000, queues: [], services: [], waiting: [point("a")], waitingTotal: 1 },
  ...{
    matches: [],
    history: {},
    trouble: [],
    conflictShare: null,
    sampled: false,
    doctor: null,
    tester: false,
    runs: [],
  },
};
const delta = (seq: number, changes: Partial<Delta> = {}): Delta => ({
  ...{ kind: "delta", seq, at: 1_200, entered: [], left: [], waitingTotal: 1, matches: [] },
  ...changes,
});
const after = (...frames: (Snapshot | Delta)[]): State =>
  frames.reduce((state, frame) => reduce(state, { type: "frame", frame }), EMPTY);
const match = (id: string, state = "live", createdAt = 1) => ({
  id,
  queue: "duel",
  state,
  createdAt,
  eloGap: 2,
  quality: 1,
  teams: [],
});
const historyPoint = (at: number, depth = 0) => ({
  ...{
    at,
    depth,
    arrivals: 0,
    matches: 0,
    conflicts: 0,
    cancelled: 0,
    expired: 0,
    waitP50Ms: null,
    waitP90Ms: null,
    waitP99Ms: null,
    eloGap: null,
  },
});

describe("what the page knows", () => {
  it("begins with a snapshot and follows the deltas", () => {
    const state = after(snapshot, delta(8, { entered: [point("b")], left: [{ id: "a", why: "matched" }] }));
    expect([...state.waiting.keys()]).toEqual(["b"]);
    expect(state).toMatchObject({ connection: "open", seq: 8, left: [{ id: "a" }] });
  });

  it("takes no frame twice, as when one is sent again", () => {
    const state = after(snapshot, delta(8, { entered: [point("b")] }));
    expect(reduce(state, { type: "frame", frame: delta(8, { left: [{ id: "b", why: "expired" }] }) })).toBe(state);
  });

  it("keeps what was known while the connection is lost", () => {
    const lost = reduce(after(snapshot), { type: "lost" });
    expect(lost).toMatchObject({ connection: "lost", waitingTotal: 1 });
    expect(reduce(lost, { type: "frame", frame: delta(8) }).connection).toBe("open");
  });

  it("shows each match once, the newest first, as it is now and where it was", () => {
    const state = after(
      snapshot,
      delta(8, { matches: [match("m1")] }),
      delta(9, { matches: [match("m3", "live", 3), match("m2", "live", 2)] }),
      delta(10, { matches: [match("m1", "ended")] }),
    );
    expect(state.matches.map(({ id, state: now }) => `${id} ${now}`)).toEqual(["m3 live", "m2 live", "m1 ended"]);
  });

  it("takes over what else a frame tells, and keeps the rest", () => {
    const run = { id: "r", queue: "duel", wanted: 2, sent: 1, accepted: 1, refused: 0, isGoing: true };
    const state = after(snapshot, delta(8, { doctor: { at: 5, faults: 1 }, runs: [run] }), delta(9));
    expect(state).toMatchObject({ doctor: { faults: 1 }, runs: [{ id: "r" }] });
    expect(after(snapshot, delta(8, { doctor: null })).doctor).toBeNull();
  });

  it("replaces the newest point of a history while it grows, and drops old ones", () => {
    const first = { ...snapshot, history: { duel: [historyPoint(-900_001), historyPoint(0)] } };
    const state = after(
      first,
      delta(8, { history: { duel: historyPoint(5_000, 1) } }),
      delta(9, { history: { duel: historyPoint(5_000, 2) } }),
    );
    expect(state.history.duel?.map(({ at, depth }) => [at, depth])).toEqual([
      [0, 0],
      [5_000, 2],
    ]);
  });
});

it("tells how far a ticket accepts opponents by now", () => {
  const queue = {
    retryEveryMs: 1_000,
    spreads: [{ fromTry: 0, eloSpread: 25 }, { fromTry: 3, eloSpread: 100 }, { fromTry: 9 }],
  } as QueueView;
  expect([0, 2_999, 3_000, 9_000].map((waited) => spreadOf(queue, waited))).toEqual([25, 25, 100, Infinity]);
});

it("tells what a player went through as it was heard, and fills in from records what was not", () => {
  const ticket = { createdAt: 10, queue: "duel", status: "matched", endedAt: 30 } as never;
  const played = { id: "m", createdAt: 30, startedAt: 40, endedAt: 90 } as never;
  const heard = [
    { type: "disconnected", at: 15, player: "ann" },
    { type: "reconnected", at: 20, player: "bob" },
    { type: "matched", at: 30, match: "m", matchmaker: "matchmaker-1" },
    { type: "something-newer", at: 31 },
  ];
  expect(timelineOf("ann", heard, ticket, played).map(({ at, what }) => `${at} ${what}`)).toEqual([
    "10 queued in duel",
    "15 lost its connection",
    "20 bob: is back",
    "30 matched in m, found by matchmaker-1",
    "31 something-newer",
    "40 the match began",
    "90 it ended",
  ]);
});

it("says how long something runs, and the first of many, in few words", () => {
  expect([900, 59_999, 60_000, 7_199_999, 7_200_000, 200_000_000].map(uptime)).toEqual([
    ...["0 s", "59 s", "1 min", "119 min", "2 h", "2 days"],
  ]);
  expect(firstOf(["a", "b"], 2)).toBe("a, b");
  expect(firstOf(["a", "b", "a-long-ticket-id"], 2)).toBe("a, b and more");
  expect(firstOf(["a-long-ticket-id"], 2)).toBe("a-long-tic…");
});

it("says all that a ticket accepts", () => {
  const criteria = {
    ...{ eloSpread: 50, pingSpreadMs: 40, premade: "near" as const, autofill: true, teams: ["red", "blue"] },
    ...{ roles: { ann: ["tank"] }, rules: [{ rule: "distance(skill)", max: 3 }] },
  };
  expect(criteriaLines(criteria)).toEqual([
    ...["elo ± 50", "average pings up to 40 ms apart", "parties: near", "any role", "in red or blue", "ann as tank"],
    "distance(skill), at most 3",
  ]);
  expect(criteriaLines({ rules: [] })).toEqual(["any elo"]);
});

it("tells what a player went through, in order", () => {
  const ticket = { createdAt: 10, queue: "duel", status: "matched", endedAt: 30 } as never;
  const played = {
    id: "m",
    createdAt: 30,
    startedAt: 40,
    endedAt: 90,
    left: [{ id: "ann", at: 50, reason: "left" }],
  } as never;
  expect(timelineOf("ann", [], ticket, played).map(({ at, what }) => `${at} ${what}`)).toEqual([
    "10 queued in duel",
    "30 matched in m",
    "40 the match began",
    "50 left it (left)",
    "90 it ended",
  ]);
});
