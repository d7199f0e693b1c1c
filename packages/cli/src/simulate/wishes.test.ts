import { toQueue } from "@muster/core";
import { unfitFor } from "@muster/matching";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../load/seeded-random.ts";
import type { Arrival } from "./arrivals.ts";
import { sampleDefinition, samplePeople, sampleQueue } from "./testing/sample.ts";
import { scarceRoleWeights, withWishes } from "./wishes.ts";

const ROLES = { tank: 1, healer: 1, dps: 3 };
const queue = toQueue("raid", {
  ...sampleDefinition(),
  teams: [
    { name: "red", size: 5, roles: ROLES },
    { name: "blue", size: 5, roles: ROLES },
  ],
  maxPartySize: 3,
});

/** 3,000 tickets of one to three players. */
const arrivals = Array.from(
  { length: 3_000 },
  (_, index): Arrival => ({ atMs: index, members: samplePeople((index % 3) + 1) }),
);
const wishing = (roles = {}, teams = {}, seed = 1) => withWishes(queue, arrivals, { roles, teams }, seededRandom(seed));

describe("roles", () => {
  it("are listed by weight, the dearest first and each once, two half as often as one", () => {
    const lists = wishing({ tank: 1, healer: 2, dps: 5 })
      .filter(({ members }) => members.length === 1)
      .map(({ members }) => members[0]?.roles ?? []);
    const share = (holds: (list: string[]) => boolean) => lists.filter(holds).length / lists.length;
    expect(share(([first]) => first === "dps")).toBeCloseTo(5 / 8, 1);
    expect(share(([first]) => first === "tank")).toBeCloseTo(1 / 8, 1);
    expect(share(({ length }) => length === 1)).toBeCloseTo(0.5, 1);
    expect(share(({ length }) => length === 3)).toBeCloseTo(0.25, 1);
    for (const list of lists) expect(new Set(list).size).toBe(list.length);
  });

  it("are such that a team can take every party", () => {
    for (const { members, teams } of wishing({ tank: 1, healer: 1, dps: 1 })) {
      expect(unfitFor(queue, members, teams)).toBeUndefined();
    }
  });

  it("of which a team has few are asked for even less by default", () => {
    expect(scarceRoleWeights(queue)).toEqual({ tank: 4, healer: 4, dps: 36 });
  });
});

it("asks for teams by name, and for none by the weight of any", () => {
  const named = wishing({}, { any: 2, red: 1, blue: 1 }).map(({ teams = [] }) => teams.join());
  const share = (name: string) => named.filter((each) => each === name).length / named.length;
  expect(share("")).toBeCloseTo(0.5, 1);
  expect(share("red")).toBeCloseTo(0.25, 1);
});

it("asks for the same from the same seed, for else from another, and changes nothing beside", () => {
  const weights = { tank: 1, dps: 3 };
  expect(wishing(weights)).toEqual(wishing(weights));
  expect(wishing(weights, {}, 2)).not.toEqual(wishing(weights));
  const ids = (list: readonly Arrival[]) => list.map(({ atMs, members }) => [atMs, ...members.map(({ id }) => id)]);
  expect(ids(wishing(weights))).toEqual(ids(arrivals));
});

it("asks for nothing where the queue has no roles, or nobody names a team", () => {
  expect(withWishes(sampleQueue(), arrivals, { roles: {}, teams: { any: 1 } }, seededRandom(1))).toBe(arrivals);
});
