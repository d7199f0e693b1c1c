import type { Rating, RatingsDefinition } from "@muster/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RatedPlayer, rate } from "./rate.ts";

const ELO: RatingsDefinition = { system: "elo" };
const SYSTEMS: RatingsDefinition[] = [ELO, { system: "openskill" }];

const rated = (id: string, elo: number): RatedPlayer => ({ id, rating: { elo, matches: 3 } });
const eloOf = (ratings: ReadonlyMap<string, Rating>, id: string) => ratings.get(id)?.elo ?? Number.NaN;

/** Teams of one size, whose players have ratings, and the places they came in. */
const match = fc
  .record({ size: fc.integer({ min: 1, max: 4 }), count: fc.integer({ min: 2, max: 5 }) })
  .chain(({ size, count }) =>
    fc.record({
      teams: fc
        .array(fc.array(fc.integer({ min: -3_000, max: 3_000 }), { minLength: size, maxLength: size }), {
          minLength: count,
          maxLength: count,
        })
        .map((teams) => teams.map((elos, team) => elos.map((elo, n) => rated(`p${team}-${n}`, elo)))),
      places: fc.array(fc.integer({ min: 1, max: count }), { minLength: count, maxLength: count }),
    }),
  );

const elosBefore = (teams: readonly (readonly RatedPlayer[])[]) =>
  new Map(teams.flat().map(({ id, rating }) => [id, rating?.elo ?? 1_500]));

describe("elo", () => {
  it("moves two equal players by half of K", () => {
    const ratings = rate(ELO, [[{ id: "ann" }], [{ id: "bob" }]], { scores: { ann: 1, bob: 0 } });
    expect(Object.fromEntries(ratings)).toEqual({ ann: { elo: 1_516, matches: 1 }, bob: { elo: 1_484, matches: 1 } });
  });

  it("gives the worked example of the formula: 400 points apart, the better one wins", () => {
    const ratings = rate({ system: "elo", kFactor: 11 }, [[rated("ann", 1_900)], [rated("bob", 1_500)]], {
      places: [1, 2],
    });
    expect(eloOf(ratings, "ann")).toBeCloseTo(1_901, 9);
    expect(eloOf(ratings, "bob")).toBeCloseTo(1_499, 9);
  });

  it("conserves the sum of teams of one size", () => {
    fc.assert(
      fc.property(match, ({ teams, places }) => {
        const after = [...rate(ELO, teams, { places }).values()].reduce((sum, { elo }) => sum + elo, 0);
        expect(after).toBeCloseTo(
          [...elosBefore(teams).values()].reduce((sum, elo) => sum + elo, 0),
          6,
        );
      }),
    );
  });

  it("moves all players of a team by the same, and nobody by more than K", () => {
    fc.assert(
      fc.property(match, ({ teams, places }) => {
        const ratings = rate(ELO, teams, { places });
        for (const team of teams) {
          const moves = team.map(({ id, rating }) => eloOf(ratings, id) - (rating?.elo ?? 0));
          expect(Math.max(...moves) - Math.min(...moves)).toBeLessThan(1e-6);
          expect(Math.abs(moves[0] ?? 0)).toBeLessThanOrEqual(32);
        }
      }),
    );
  });

  it("never leaves the range that a request may name", () => {
    const ratings = rate(ELO, [[rated("ann", 10_000)], [rated("bob", 10_000)]], { places: [1, 2] });
    expect(eloOf(ratings, "ann")).toBe(10_000);
  });
});

describe.each(SYSTEMS)("$system", (definition) => {
  it("begins with the queue's initial rating", () => {
    const drawn = rate({ ...definition, initial: 1_000 }, [[{ id: "ann" }], [{ id: "bob" }]], { places: [1, 1] });
    expect(eloOf(drawn, "ann")).toBeCloseTo(1_000, 6);
    expect(eloOf(drawn, "bob")).toBeCloseTo(1_000, 6);
  });

  it("never takes from the best team, nor gives to the worst", () => {
    fc.assert(
      fc.property(match, ({ teams, places }) => {
        // Ratings of before come from the same system, so that elo and mu belong together.
        const first = rate(definition, withoutRatings(teams), { places });
        const before = teams.map((team) => team.map(({ id }) => ({ id, rating: first.get(id) })));
        fc.pre(new Set(places).size === places.length);
        const after = rate(definition, before, { places });
        const best = before[places.indexOf(Math.min(...places))] ?? [];
        const worst = before[places.indexOf(Math.max(...places))] ?? [];
        for (const { id, rating } of best) expect(eloOf(after, id)).toBeGreaterThanOrEqual(rating?.elo ?? Infinity);
        for (const { id, rating } of worst) expect(eloOf(after, id)).toBeLessThanOrEqual(rating?.elo ?? -Infinity);
      }),
    );
  });

  it("doesn't mind the order of teams", () => {
    fc.assert(
      fc.property(match, ({ teams, places }) => {
        const one = rate(definition, teams, { places });
        const other = rate(definition, teams.toReversed(), { places: places.toReversed() });
        for (const [id, { elo }] of one) expect(eloOf(other, id)).toBeCloseTo(elo, 6);
      }),
    );
  });

  it("changes no elo by a draw of equals", () => {
    const teams = ["a", "b", "c"].map((team) => [{ id: `${team}1` }, { id: `${team}2` }]);
    for (const { elo } of rate(definition, teams, { places: [1, 1, 1] }).values()) expect(elo).toBeCloseTo(1_500, 6);
  });

  it("takes a team's score as the sum of its players', and nothing from an id that every object has", () => {
    const teams = [
      [{ id: "constructor" }, { id: "ann" }],
      [{ id: "bob" }, { id: "cat" }],
    ];
    const byScores = rate(definition, teams, { scores: { ann: 5, bob: 3, cat: 1 } });
    expect(byScores).toEqual(rate(definition, teams, { places: [1, 2] }));
  });

  it("is not the same twice as once", () => {
    const teams = [[{ id: "ann" }], [{ id: "bob" }]];
    const once = rate(definition, teams, { places: [1, 2] });
    const again = rate(
      definition,
      teams.map((team) => team.map(({ id }) => ({ id, rating: once.get(id) }))),
      { places: [1, 2] },
    );
    expect(eloOf(again, "ann")).toBeGreaterThan(eloOf(once, "ann"));
    expect(again.get("ann")?.matches).toBe(2);
  });

  it("passes over a team that nobody is left in, and rates nobody when no two remain", () => {
    const ann = { id: "ann" };
    const bob = { id: "bob" };
    expect(rate(definition, [[ann], [], [bob]], { places: [1, 2, 3] })).toEqual(
      rate(definition, [[ann], [bob]], { places: [1, 2] }),
    );
    expect(rate(definition, [[ann], []], { scores: { ann: 3 } }).size).toBe(0);
  });

  it("refuses places of another number than teams", () => {
    expect(() => rate(definition, [[{ id: "ann" }], [{ id: "bob" }]], { places: [1] })).toThrow(RangeError);
  });
});

it("openskill keeps what it knows, and its elo rises with mu", () => {
  const ratings = rate({ system: "openskill" }, [[{ id: "ann" }], [{ id: "bob" }]], { places: [1, 2] });
  const { mu = 0, sigma = 0, elo = 0 } = ratings.get("ann") ?? {};
  expect(elo).toBeCloseTo(1_500 + (mu - 25) * 48, 9);
  expect(mu).toBeGreaterThan(25);
  expect(sigma).toBeLessThan(25 / 3);
});

const withoutRatings = (teams: readonly (readonly RatedPlayer[])[]) =>
  teams.map((team) => team.map(({ id }) => ({ id })));
