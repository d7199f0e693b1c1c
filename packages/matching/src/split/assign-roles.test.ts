import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assignRoles, type RoleSeeker } from "./assign-roles.ts";

const NAMES = ["tank", "healer", "dps"];
const seeker = (id: string, roles?: string[], autofill = false): RoleSeeker => ({
  id,
  autofill,
  ...(roles && { roles }),
});
const given = (players: RoleSeeker[], places: Record<string, number>) => {
  const assignment = assignRoles(players, places);
  return assignment && Object.fromEntries(assignment.roles);
};

describe("roles", () => {
  it("go to first choices first, and those who list none take what is left", () => {
    const players = [seeker("any"), seeker("ann", ["tank", "dps"]), seeker("bob", ["dps"])];
    expect(given(players, { tank: 1, healer: 1, dps: 1 })).toEqual({ ann: "tank", bob: "dps", any: "healer" });
  });

  it("move somebody to its second choice when nobody else can take the first", () => {
    const players = [seeker("ann", ["tank", "dps"]), seeker("bob", ["tank"])];
    expect(given(players, { tank: 1, dps: 1 })).toEqual({ ann: "dps", bob: "tank" });
  });

  it("are refused to whom no listed role is left, unless it accepts to be filled in", () => {
    const places = { tank: 1, healer: 1 };
    expect(given([seeker("ann", ["tank"]), seeker("bob", ["tank"])], places)).toBeUndefined();
    expect(given([seeker("ann", ["tank"]), seeker("bob", ["tank"], true)], places)).toEqual({
      ann: "tank",
      bob: "healer",
    });
  });

  const anyPlayers = fc
    .array(fc.tuple(fc.option(fc.shuffledSubarray(NAMES, { minLength: 1 }), { nil: undefined }), fc.boolean()), {
      minLength: 1,
      maxLength: 6,
    })
    .map((list) => list.map(([roles, autofill], index) => seeker(`p${index}`, roles, autofill)));
  const anyPlaces = fc.record({
    tank: fc.integer({ min: 1, max: 2 }),
    healer: fc.integer({ min: 1, max: 2 }),
    dps: fc.integer({ min: 1, max: 3 }),
  });

  /** Autofilled players, then minus the number of first, second and third choices: the smaller, the better. */
  const rankOf = (players: readonly RoleSeeker[], roles: readonly string[]): number[] => {
    const ranks = players.map((player, index) => (player.roles ? player.roles.indexOf(roles[index] ?? "") : 0));
    const count = (rank: number) => ranks.filter((each) => each === rank).length;
    return [count(-1), -count(0), -count(1), -count(2)];
  };
  const isLess = (a: number[], b: number[]): boolean => {
    const place = a.findIndex((value, index) => value !== b[index]);
    return place >= 0 && (a[place] ?? 0) < (b[place] ?? 0);
  };

  it("are as good as the best of all assignments", () => {
    fc.assert(
      fc.property(anyPlayers, anyPlaces, (players, places: Record<string, number>) => {
        let best: number[] | undefined;
        const tryAll = (roles: string[]): void => {
          if (roles.length === players.length) {
            const rank = rankOf(players, roles);
            if (!best || isLess(rank, best)) best = rank;
            return;
          }
          const player = players[roles.length];
          for (const name of NAMES) {
            const isTaken = roles.filter((each) => each === name).length >= (places[name] ?? 0);
            const isListed = !player?.roles || player.roles.includes(name);
            if (!isTaken && (isListed || player.autofill)) tryAll([...roles, name]);
          }
        };
        tryAll([]);
        const found = assignRoles(players, places);
        expect(
          found &&
            rankOf(
              players,
              players.map(({ id }) => found.roles.get(id) ?? ""),
            ),
        ).toEqual(best);
      }),
      { numRuns: 500 },
    );
  });
});
