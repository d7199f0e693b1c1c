import { parseQueues } from "@muster/core";

/** Everything that a queue can have, with times so short that all of it comes due within seconds. */
const base = {
  steps: [{ fromTry: 0 }],
  ...{ retryEveryMs: 200, expireAfterMs: 1_200, matchLengthMs: 2_000, graceMs: 600, maxWaiting: 1_000 },
};

export const QUEUES = parseQueues(
  {
    queues: {
      asked: {
        ...{ ...base, teams: { count: 2, size: 1 }, maxPartySize: 1 },
        readyCheck: { withinMs: 1_000, coolDown: { firstMs: 50, maxMs: 200, forgetAfterMs: 1_000 } },
      },
      squads: {
        ...{ ...base, teams: { count: 2, size: 2, minSize: 1 }, maxPartySize: 2 },
        ...{ session: { joinWithinMs: 1_000 }, backfill: true, leaveCoolDownMs: 1_000 },
      },
      lobby: {
        ...{ ...base, teams: { count: 1, size: 6, minSize: 2 }, maxPartySize: 3, backfill: true },
        readyCheck: { withinMs: 1_000, requeueUndecided: true },
        session: { joinWithinMs: 1_000, startAfterMs: 1_200 },
      },
      picky: { ...base, teams: { count: 2, size: 1 }, maxPartySize: 1, steps: [{ fromTry: 0, eloSpread: 1 }] },
      rated: {
        ...{ ...base, teams: { count: 2, size: 1 }, maxPartySize: 1 },
        ratings: { system: "elo", initial: 1_000 },
      },
    },
  },
  "random-life",
);

export const PLAYERS = Array.from({ length: 200 }, (_, index) => `p${index}`);
