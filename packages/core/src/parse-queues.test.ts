import { describe, expect, it } from "vitest";
import { ConfigError } from "./config-error.ts";
import { stepFor } from "./effective-tries.ts";
import { parseQueues } from "./parse-queues.ts";

const valid = {
  teams: { count: 2, size: 5 },
  maxPartySize: 1,
  steps: [
    { fromTry: 0, eloSpread: 50, pingSpreadMs: 40 },
    { fromTry: 3, eloSpread: 100 },
  ],
  retryEveryMs: 1_000,
  expireAfterMs: 60_000,
  matchLengthMs: 60_000,
  maxWaiting: 100,
};

const faultsOf = (queues: unknown): string[] => {
  try {
    parseQueues({ queues }, "queues.json");
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(String);
    throw error;
  }
  return [];
};

describe("a queues file", () => {
  it("is read into queues by name", () => {
    expect(parseQueues({ queues: { duel: valid } }, "queues.json").get("duel")).toEqual({
      name: "duel",
      regions: {},
      teamShapes: [
        { name: "1", min: 5, max: 5 },
        { name: "2", min: 5, max: 5 },
      ],
      ...valid,
    });
  });

  it("is refused with every fault at once, each with file, path and reason", () => {
    const faults = faultsOf({
      duel: { ...valid, maxPartySize: 0, retryEveryMs: "soon" },
      team: { ...valid, maxWaiting: -1 },
    });
    expect(faults).toHaveLength(3);
    expect(faults[0]).toMatch(/^queues\.json: \/queues\/duel\/maxPartySize: /);
    expect(faults[1]).toMatch(/^queues\.json: \/queues\/duel\/retryEveryMs: /);
    expect(faults[2]).toMatch(/^queues\.json: \/queues\/team\/maxWaiting: /);
  });

  const distance = (steps: object[]) => ({
    rules: [{ kind: "distance", attribute: "level", missing: "accept", steps }],
  });
  const roles = (given: object) => ({ teams: { count: 2, size: 2, roles: given } });
  const steps = (...given: object[]) => ({
    teams: { count: 2, size: 5, roles: { any: 5 } },
    steps: given.map((step, index) => ({ fromTry: index, ...step })),
  });
  const NARROWS = "narrows the step before: criteria may only widen";
  const BY_TRIES =
    "the first step begins by fromTry, so this queue widens by tries: use fromTry and untilTry throughout";
  const BY_TIME = "the first step begins by afterMs, so this queue widens by time: use afterMs and untilMs throughout";

  it.each<[what: string, change: object, ...faults: string[]]>([
    [
      "begins at another try than 0",
      { steps: [{ fromTry: 1 }] },
      "/steps/0/fromTry: must be 0 in the first step: it holds for a new ticket",
    ],
    [
      "has steps that don't rise",
      { steps: [{ fromTry: 0 }, { fromTry: 4 }, { fromTry: 4 }] },
      "/steps/2/fromTry: must be more than the 4 of the step before",
    ],
    [
      "goes round in a circle by time",
      { steps: [{ afterMs: 0 }, { afterMs: 9 }, { afterMs: 3 }] },
      "/steps/2/afterMs: must be more than the 9 of the step before",
    ],
    [
      "has a step without a beginning",
      { steps: [{ fromTry: 0 }, {}] },
      "/steps/1/fromTry: is missing: a step must say when it begins",
    ],
    ["widens by time and then by tries", { steps: [{ afterMs: 0 }, { fromTry: 4 }] }, `/steps/1/fromTry: ${BY_TIME}`],
    ["widens by tries and then by time", { steps: [{ fromTry: 0 }, { afterMs: 4 }] }, `/steps/1/afterMs: ${BY_TRIES}`],
    ["has a step that begins twice", { steps: [{ fromTry: 0, afterMs: 0 }] }, `/steps/0/fromTry: ${BY_TIME}`],
    [
      "drops a rule in another unit",
      { rules: [{ kind: "avoid", attribute: "foes", untilMs: 5 }] },
      `/rules/0/untilMs: ${BY_TRIES}`,
    ],
    [
      "drops a rule by tries where it widens by time",
      { steps: [{ afterMs: 0 }], rules: [{ kind: "avoid", attribute: "foes", untilTry: 5 }] },
      `/rules/0/untilTry: ${BY_TIME}`,
    ],
    [
      "widens a rule in another unit",
      distance([
        { fromTry: 0, max: 5 },
        { afterMs: 9, max: 6 },
      ]),
      `/rules/0/steps/1/afterMs: ${BY_TRIES}`,
    ],
    [
      "widens a rule from another try than 0, and then not on",
      distance([
        { fromTry: 2, max: 5 },
        { fromTry: 1, max: 6 },
      ]),
      "/rules/0/steps/0/fromTry: must be 0 in the first step: it holds for a new ticket",
      "/rules/0/steps/1/fromTry: must be more than the 2 of the step before",
    ],
    [
      "narrows in anything",
      steps(
        { eloSpread: 9, pingSpreadMs: 9, latencyLevelSpread: 2, maxLatencyMs: 9, maxDeltaPingMs: 9 },
        { eloSpread: 8, pingSpreadMs: 8, latencyLevelSpread: 1, maxLatencyMs: 8, maxDeltaPingMs: 8 },
      ),
      ...["eloSpread", "pingSpreadMs", "latencyLevelSpread", "maxLatencyMs", "maxDeltaPingMs"].map(
        (limit) => `/steps/1/${limit}: ${NARROWS}`,
      ),
    ],
    [
      "narrows in what teams may be",
      steps(
        { teamGap: 20, openPlaces: 2, premade: "near", autofill: true },
        { teamGap: 19, openPlaces: 1, premade: "like", autofill: false },
      ),
      ...["teamGap", "openPlaces", "premade", "autofill"].map((limit) => `/steps/1/${limit}: ${NARROWS}`),
    ],
    ["narrows from no limit", steps({}, { pingSpreadMs: 8 }), `/steps/1/pingSpreadMs: ${NARROWS}`],
    [
      "narrows a rule",
      distance([
        { fromTry: 0, max: 5 },
        { fromTry: 1, max: 4 },
      ]),
      `/rules/0/steps/1/max: ${NARROWS}`,
    ],
    [
      "lets solo players meet a full party before the last step",
      { steps: [{ fromTry: 0, premade: "any" }, { fromTry: 1 }] },
      "/steps/0/premade: may be any only in the last step: solo players meet a full party last",
    ],
    [
      "leaves out what parties may be before the last step",
      { maxPartySize: 5, ...steps({ premade: "like" }, {}, {}) },
      "/steps/1/premade: is missing, which means any: that may come only in the last step",
    ],
    [
      "has autofill without roles",
      { steps: [{ fromTry: 0, autofill: true }] },
      "/steps/0/autofill: means nothing in a queue whose teams have no roles",
    ],
    [
      "asks for a sum that can't be",
      { rules: [{ kind: "teamSum", attribute: "level", missing: "accept", min: 5, max: 4 }] },
      "/rules/0/min: is more than max: no team can have such a sum",
    ],
    ["takes parties that no team holds", { maxPartySize: 6 }, "/maxPartySize: is 6, but a team holds only 5"],
    [
      "has a team that begins with more than it holds",
      { teams: { count: 2, size: 5, minSize: 6 } },
      "/teams/minSize: is 6, but the team holds only 5",
    ],
    [
      "has named teams that begin with more than they hold, or have other places than roles",
      {
        teams: [
          { name: "hunter", size: 1, minSize: 2 },
          { name: "prey", size: 4, roles: { runner: 3 } },
        ],
      },
      "/teams/0/minSize: is 2, but the team holds only 1",
      "/teams/1/roles: have 3 places together, but the team has 4",
    ],
    [
      "has teams of one player in all",
      { teams: { count: 1, size: 1 } },
      "/teams: hold one player together: a match needs two",
    ],
    [
      "has matches too large to commit",
      { teams: { count: 5, size: 100 }, maxWaiting: 500 },
      "/teams: hold 500 players together, at most 400 may be",
    ],
    [
      "lets too few wait to fill a match",
      { maxWaiting: 9 },
      "/maxWaiting: lets fewer players wait than the 10 that a match needs",
    ],
    ["has too few roles", roles({ tank: 1 }), "/teams/roles: have 1 places together, but the team has 2"],
    ["has too many roles", roles({ tank: 1, healer: 2 }), "/teams/roles: have 3 places together, but the team has 2"],
    [
      "has roles that overlap",
      roles({ tank: 1, Tank: 1 }),
      "/teams/roles/Tank: overlaps tank: names must differ in more than case",
    ],
    [
      "has two teams of one name",
      {
        teams: [
          { name: "red", size: 5 },
          { name: "Red", size: 5 },
        ],
      },
      "/teams: two of them are named red and Red: names must differ",
    ],
    [
      "gives openskill a K factor",
      { ratings: { system: "openskill", kFactor: 16 } },
      "/ratings/kFactor: means nothing with openskill, which weighs each match itself: leave it out or use elo",
    ],
  ])("is refused when a queue %s", (_, change, ...faults) => {
    expect(faultsOf({ duel: { ...valid, ...change } })).toEqual(
      faults.map((fault) => `queues.json: /queues/duel${fault}`),
    );
  });

  it("is refused without any queue", () => {
    expect(faultsOf({})).toHaveLength(1);
  });
});

describe("the step for a number of tries", () => {
  it("is the last one that begins at or before it", () => {
    expect([0, 2, 3, 99].map((tries) => stepFor(valid, tries).fromTry)).toEqual([0, 0, 3, 3]);
  });
});
