import { describe, expect, it } from "vitest";
import { ConfigError } from "./config-error.ts";
import { parseQueues, stepFor } from "./queue-definition.ts";

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
      ...valid,
    });
  });

  it("is refused with every fault at once, each with file, path and reason", () => {
    const faults = faultsOf({
      duel: { ...valid, teams: { count: 1, size: 5 }, retryEveryMs: "soon" },
      team: { ...valid, maxWaiting: -1 },
    });
    expect(faults).toHaveLength(3);
    expect(faults[0]).toMatch(/^queues\.json: \/queues\/duel\/teams\/count: /);
    expect(faults[1]).toMatch(/^queues\.json: \/queues\/duel\/retryEveryMs: /);
    expect(faults[2]).toMatch(/^queues\.json: \/queues\/team\/maxWaiting: /);
  });

  it.each([
    ["begins at another try than 0", { steps: [{ fromTry: 1 }] }, "/steps/0/fromTry"],
    ["has steps out of order", { steps: [{ fromTry: 0 }, { fromTry: 4 }, { fromTry: 4 }] }, "/steps/2/fromTry"],
    [
      "narrows",
      {
        steps: [
          { fromTry: 0, eloSpread: 9 },
          { fromTry: 1, eloSpread: 8 },
        ],
      },
      "/steps/1/eloSpread",
    ],
    ["narrows from no limit", { steps: [{ fromTry: 0 }, { fromTry: 1, pingSpreadMs: 8 }] }, "/steps/1/pingSpreadMs"],
    [
      "narrows a rule",
      {
        rules: [
          {
            kind: "distance",
            attribute: "level",
            missing: "accept",
            steps: [
              { fromTry: 0, max: 5 },
              { fromTry: 1, max: 4 },
            ],
          },
        ],
      },
      "/rules/0/steps/1/max",
    ],
    [
      "has a rule of no known kind",
      { rules: [{ kind: "similar", attribute: "level", missing: "accept" }] },
      "/rules/0",
    ],
    ["leaves open what a missing attribute means", { rules: [{ kind: "equal", attribute: "level" }] }, "/rules/0"],
    ["takes parties that no team holds", { maxPartySize: 6 }, "/maxPartySize"],
    ["has a field that nobody knows", { color: "red" }, "/color"],
  ])("is refused when a queue %s", (_, change, path) => {
    expect(faultsOf({ duel: { ...valid, ...change } }).join("\n")).toContain(`queues.json: /queues/duel${path}`);
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
