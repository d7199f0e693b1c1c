import { describe, expect, it } from "vitest";
import { deltaPingsMs } from "./chosen-region.ts";
import { measure, winProbability } from "./measure.ts";
import { life, match, person } from "./testing/sample.ts";

describe("the figures of a run", () => {
  it("are those of its matches and lives", () => {
    const [a, b, c, d] = [life([1_000], 100), life([1_040], 300), life([1_200], 500), life([1_210], 700)];
    const lives = [a, b, c, d, life([2_000], 10_000, "expired")];
    const figures = measure({ lives, matches: [match([a], [b]), match([c], [d])], refused: 1 });
    expect(figures).toMatchObject({
      ...{ arrived: 5, matched: 4, expired: 1, waiting: 0, refused: 1, matches: 2, premadeUnequalShare: 0 },
      waitMs: { p50: 500, p90: 10_000, p95: 10_000, p99: 10_000 },
      waitAtLeast: ["p90", "p95", "p99"],
      eloGap: { mean: 25, p95: 40 },
      teamGap: { mean: 25, p95: 40 },
      deltaPingMs: { p50: null, p95: null },
    });
    const deviation = (winProbability(40) + winProbability(10)) / 2 - 0.5;
    expect(figures.winProbability.meanAbsDev).toBeCloseTo(deviation, 4);
  });

  it("tell the gap between players' tickets from the gap between teams", () => {
    const teams = [[life([900], 1), life([1_100], 1)], [life([980, 1_040], 1)]];
    const { eloGap, teamGap } = measure({ lives: teams.flat(), matches: [match(...teams)], refused: 0 });
    expect([eloGap.mean, teamGap.mean]).toEqual([200, 10]);
  });

  it("count a match as unequal whose teams have parties of other sizes", () => {
    const duo = () => life([1_000, 1_000], 1);
    const solo = () => life([1_000], 1);
    const matches = [
      match([duo(), solo()], [solo(), duo()]),
      match([duo(), solo()], [solo(), solo(), solo()]),
      match([solo()], [solo()]),
      match([duo()], [duo()]),
    ];
    const lives = matches.flatMap(({ teams }) => teams.flat());
    const { premadeUnequalShare, byPartySize } = measure({ lives, matches, refused: 0 });
    expect(premadeUnequalShare).toBe(0.25);
    expect(byPartySize.map(({ size, tickets }) => [size, tickets])).toEqual([
      [1, 8],
      [2, 5],
    ]);
  });

  it("compare the slowest elo decile with the median one", () => {
    const lives = Array.from({ length: 100 }, (_, n) => life([n], n < 90 ? 1_000 : 5_000));
    const { decileWaitRatio, byDecile } = measure({ lives, matches: [], refused: 0 });
    expect(decileWaitRatio).toBe(5);
    expect(byDecile.at(-1)).toMatchObject({ decile: 10, eloFrom: 90, eloTo: 99, tickets: 10, waitMs: { p50: 5_000 } });
  });

  it("are null when there is nothing to measure", () => {
    expect(measure({ lives: [], matches: [], refused: 0 })).toMatchObject({
      ...{ arrived: 0, decileWaitRatio: null, premadeUnequalShare: null, byDecile: [] },
      waitMs: { p50: null, p99: null },
      eloGap: { mean: null, p95: null },
      winProbability: { meanAbsDev: null },
    });
  });
});

it("gives the chance that Elo's scale means: 10 to 1 at 400 points", () => {
  expect(winProbability(0)).toBe(0.5);
  expect(winProbability(400)).toBeCloseTo(10 / 11);
});

describe("the region of a match", () => {
  it("is the one with the lowest worst ping, and each player's delta is to its own best", () => {
    const german = person(1, { eu: 20, us: 110, asia: 200 });
    const american = person(2, { eu: 120, us: 25, asia: 180 });
    expect(deltaPingsMs([german, american])).toEqual([90, 0]);
  });

  it("is the one that matching chose, where it did", () => {
    expect(deltaPingsMs([person(1, { eu: 20, us: 110 }), person(2, { eu: 20 })], "us")).toEqual([90]);
  });

  it("needs all pings", () => {
    expect(deltaPingsMs([person(1, { eu: 20, us: 10 }), person(2, { eu: 50 })])).toEqual([10, 0]);
    expect(deltaPingsMs([person(1, { eu: 20 }), person(2, {})])).toEqual([]);
  });
});
