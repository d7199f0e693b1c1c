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

  it.each([
    ["begins at another try than 0", { steps: [{ fromTry: 1 }] }, "/steps/0/fromTry: must be 0"],
    [
      "has steps that don't rise",
      { steps: [{ fromTry: 0 }, { fromTry: 4 }, { fromTry: 4 }] },
      "/steps/2/fromTry: must be more than the 4",
    ],
    [
      "goes round in a circle by time",
      { steps: [{ afterMs: 0 }, { afterMs: 9 }, { afterMs: 3 }] },
      "/steps/2/afterMs: must be more than the 9",
    ],
    ["has a step without a beginning", { steps: [{ fromTry: 0 }, {}] }, "/steps/1/fromTry: is missing"],
    ["widens by two units", { steps: [{ afterMs: 0 }, { fromTry: 4 }] }, "/steps/1/fromTry: the first step begins by"],
    [
      "drops a rule in another unit",
      { rules: [{ kind: "avoid", attribute: "foes", untilMs: 5 }] },
      "/rules/0/untilMs: the first step begins by fromTry",
    ],
    [
      "narrows",
      {
        steps: [
          { fromTry: 0, eloSpread: 9 },
          { fromTry: 1, eloSpread: 8 },
        ],
      },
      "/steps/1/eloSpread: narrows",
    ],
    ["narrows from no limit", { steps: [{ fromTry: 0 }, { fromTry: 1, pingSpreadMs: 8 }] }, "/steps/1/pingSpreadMs"],
    [
      "asks for liker parties later",
      {
        steps: [
          { fromTry: 0, premade: "near" },
          { fromTry: 1, premade: "like" },
        ],
      },
      "/steps/1/premade: narrows",
    ],
    [
      "lets solo players meet a full party before the last step",
      { steps: [{ fromTry: 0, premade: "any" }, { fromTry: 1 }] },
      "/steps/0/premade: may be any only in the last step",
    ],
    [
      "knows no such premade rule",
      { steps: [{ fromTry: 0, premade: "alike" }] },
      "/steps/0/premade: must be one of like",
    ],
    ["has autofill without roles", { steps: [{ fromTry: 0, autofill: true }] }, "/steps/0/autofill: means nothing"],
    [
      "narrows a rule",
      distance([
        { fromTry: 0, max: 5 },
        { fromTry: 1, max: 4 },
      ]),
      "/rules/0/steps/1/max: narrows",
    ],
    [
      "has a rule of no known kind",
      { rules: [{ kind: "similar", attribute: "level", missing: "accept" }] },
      "/rules/0/kind: must be one of equal, oneOf, intersection, distance, avoid, teamSum",
    ],
    [
      "leaves open what a missing attribute means",
      { rules: [{ kind: "equal", attribute: "level" }] },
      "/rules/0: must have required properties missing",
    ],
    [
      "asks for a sum that can't be",
      { rules: [{ kind: "teamSum", attribute: "level", missing: "accept", min: 5, max: 4 }] },
      "/rules/0/min: is more than max",
    ],
    ["takes parties that no team holds", { maxPartySize: 6 }, "/maxPartySize: is 6, but a team holds only 5"],
    ["has a team that begins with more than it holds", { teams: { count: 2, size: 5, minSize: 6 } }, "/teams/minSize"],
    ["has teams of one player in all", { teams: { count: 1, size: 1 } }, "/teams: hold one player together"],
    ["has matches too large to commit", { teams: { count: 5, size: 100 } }, "/teams: hold 500 players"],
    ["lets too few wait to fill a match", { maxWaiting: 9 }, "/maxWaiting: lets fewer players wait than the 10"],
    ["has too few roles", roles({ tank: 1 }), "/teams/roles: have 1 places together, but the team has 2"],
    ["has too many roles", roles({ tank: 1, healer: 2 }), "/teams/roles: have 3 places"],
    ["has roles that overlap", roles({ tank: 1, Tank: 1 }), "/teams/roles/Tank: overlaps tank"],
    [
      "has two teams of one name",
      {
        teams: [
          { name: "red", size: 5 },
          { name: "Red", size: 5 },
        ],
      },
      "/teams: two of them are named red and Red",
    ],
    ["has teams without places", { teams: { count: 2, size: 0 } }, "/teams/size: must be >= 1"],
    ["has a number for teams", { teams: 5 }, "/teams: must be object or array"],
    ["has a field that nobody knows", { color: "red" }, "/color"],
  ])("is refused when a queue %s", (_, change, fault) => {
    expect(faultsOf({ duel: { ...valid, ...change } }).join("\n")).toContain(`queues.json: /queues/duel${fault}`);
  });

  it("tells of a union only what is wrong in the alternative that was meant", () => {
    expect(faultsOf({ duel: { ...valid, teams: { count: 0, size: 5 } } })).toEqual([
      "queues.json: /queues/duel/teams/count: must be >= 1",
    ]);
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
