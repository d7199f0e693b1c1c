import { parseQueues, partitionsOf } from "@muster/core";

/** Short, so that all of it comes due within a run. */
const base = {
  steps: [{ fromTry: 0, eloSpread: 150 }, { fromTry: 2 }],
  ...{ retryEveryMs: 300, expireAfterMs: 8_000, matchLengthMs: 8_000, graceMs: 2_500, maxWaiting: 10_000 },
};
const duel = { ...base, teams: { count: 2, size: 1 }, maxPartySize: 1 };
const pairs = { ...base, teams: { count: 2, size: 2 }, maxPartySize: 2 };

/** The queues of the load: all that a queue can have whose loss or doubling would show, in two partitions. */
export const QUEUES_FILE = {
  queues: {
    duel,
    squads: { ...base, teams: { count: 2, size: 3 }, maxPartySize: 3 },
    asked: {
      ...duel,
      readyCheck: { withinMs: 2_000, coolDown: { firstMs: 200, maxMs: 800, forgetAfterMs: 1_000 } },
    },
    room: {
      ...{ ...base, teams: { count: 1, size: 5, minSize: 2 }, maxPartySize: 2 },
      ...{ session: { joinWithinMs: 2_000 }, backfill: true },
    },
    "eu-duel": { ...duel, partition: "eu" },
    "eu-pairs": { ...pairs, partition: "eu" },
    // Where nobody of the load goes.
    teams: { ...base, teams: { count: 2, size: 5 }, maxPartySize: 1 },
  },
};

export const HOME = "main";
export const QUEUES = parseQueues(QUEUES_FILE, "the load's queues");
export const PARTITIONS = [...partitionsOf(QUEUES, HOME).keys()];
