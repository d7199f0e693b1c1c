import { expect, it } from "vitest";
import { ConfigError } from "./config-error.ts";
import { parseQueues } from "./parse-queues.ts";

const valid = {
  teams: { count: 2, size: 5 },
  maxPartySize: 1,
  steps: [{ fromTry: 0 }],
  retryEveryMs: 1_000,
  expireAfterMs: 60_000,
  matchLengthMs: 60_000,
  maxWaiting: 100,
};

const faultsIn = (file: unknown): string[] => {
  try {
    parseQueues(file, "queues.json");
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(String);
    throw error;
  }
  return [];
};

const level = { attribute: "level", missing: "accept" };
const KINDS = "equal, oneOf, intersection, distance, avoid, teamSum";

it.each<[what: string, change: object, ...faults: string[]]>([
  // Of teams and rules only what is wrong in the alternative that was meant.
  ["teams that are alike", { teams: { count: 0 } }, "/teams/size: is missing", "/teams/count: must be >= 1"],
  ["teams by name", { teams: [{ name: "red" }] }, "/teams/0/size: is missing"],
  ["no teams", { teams: [] }, "/teams: must not have fewer than 1 items"],
  ["a number for teams", { teams: 5 }, "/teams: must be object or array"],
  ["a team without places", { teams: { count: 2, size: 0 } }, "/teams/size: must be >= 1"],
  [
    "a role without places",
    { teams: [{ name: "red", size: 2, roles: { tank: 0 } }] },
    "/teams/0/roles/tank: must be >= 1",
  ],
  [
    "a role whose name is none",
    { teams: { count: 2, size: 2, roles: { "1st": 2 } } },
    "/teams/roles/1st: is no name that can be used here: it must match ^[A-Za-z][A-Za-z0-9_-]{0,31}$",
  ],
  ["a rule without kind", { rules: [level] }, "/rules/0/kind: is missing"],
  ["a rule of no known kind", { rules: [{ ...level, kind: "similar" }] }, `/rules/0/kind: must be one of ${KINDS}`],
  ["a rule with its kind only", { rules: [{ kind: "avoid" }] }, "/rules/0/attribute: is missing"],
  ["a rule that is a text", { rules: ["equal"] }, "/rules/0: must be object"],
  [
    "a rule that leaves open what a missing attribute means",
    { rules: [{ kind: "equal", attribute: "level" }] },
    "/rules/0/missing: is missing",
  ],
  [
    "a rule with a choice that is none",
    { rules: [{ kind: "equal", attribute: "level", missing: "maybe" }] },
    "/rules/0/missing: must be one of accept, refuse",
  ],
  [
    "two broken rules of two kinds",
    {
      rules: [
        { ...level, kind: "distance", steps: [{ fromTry: -1, max: "far" }] },
        { ...level, kind: "teamSum", order: "up" },
      ],
    },
    "/rules/0/steps/0/fromTry: must be >= 0",
    "/rules/0/steps/0/max: must be number",
    "/rules/1/order: must be one of rising, falling",
  ],
  [
    "a rule with a field of another kind",
    { rules: [{ ...level, kind: "equal", atLeast: 2 }] },
    "/rules/0/atLeast: is not known here; known are kind, attribute, untilTry, untilMs, missing",
  ],
  [
    "parties that are alike in a way that nobody knows",
    { steps: [{ fromTry: 0, premade: "alike" }] },
    "/steps/0/premade: must be one of like, near, mixed, any",
  ],
  [
    "wrong numbers",
    { maxPartySize: 0, retryEveryMs: "soon" },
    "/maxPartySize: must be >= 1",
    "/retryEveryMs: must be integer",
  ],
])("names in %s each fault once, and nothing else", (_, change, ...faults) => {
  expect(faultsIn({ queues: { duel: { ...valid, ...change } } })).toEqual(
    faults.map((fault) => `queues.json: /queues/duel${fault}`),
  );
});

it("says which fields are known when one isn't", () => {
  expect(faultsIn({ qeues: {}, queues: { duel: valid } })).toEqual([
    "queues.json: /qeues: is not known here; known are $schema, regions, instant, queues",
  ]);
});

it("says what a queue may be called", () => {
  expect(faultsIn({ queues: { "A queue": valid } })).toEqual([
    "queues.json: /queues/A queue: is no name that can be used here: it must match ^[a-z][a-z0-9-]{0,31}$",
  ]);
});

it("says what a whole file should be", () => {
  expect(faultsIn([])).toEqual(["queues.json: /: must be object"]);
  expect(faultsIn({})).toEqual(["queues.json: /queues: is missing"]);
  expect(faultsIn({ queues: {} })).toEqual(["queues.json: /queues: must not have fewer than 1 properties"]);
});
