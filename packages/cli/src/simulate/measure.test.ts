import { toQueue } from "@muster/core";
import { winProbability } from "@muster/matching";
import { describe, expect, it } from "vitest";
import { regionPings } from "./chosen-region.ts";
import { measure as measureRun } from "./measure.ts";
import type { Life, Simulation } from "./simulate.ts";
import { life, match, person, sampleDefinition, sampleQueue } from "./testing/sample.ts";

const measure = (simulation: Simulation, queue = sampleQueue(3, 3)) =>
  measureRun({ ...simulation, queue, forMs: 60_000, matchForMs: 10_000 });

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
    const { premadeUnequalShare, premadeLevels, qualityMean, byPartySize } = measure({ lives, matches, refused: 0 });
    expect(premadeUnequalShare).toBe(0.25);
    expect(premadeLevels).toEqual({ like: 0.75, near: 0.25, mixed: 0, any: 0 });
    expect(qualityMean).toBe(0.9);
    expect(byPartySize.map(({ size, tickets }) => [size, tickets])).toEqual([
      [1, 8],
      [2, 5],
    ]);
  });

  it("tell how full matches are, and those that never were", () => {
    const queue = toQueue("pool", {
      ...sampleDefinition(),
      ...{ teams: { count: 1, size: 3, minSize: 2 }, backfill: true },
    });
    const teams = [life([1_000], 1), life([1_000], 1)];
    const full = { ...match([...teams, life([1_000], 1)]), beganWith: 2, atMs: 0, fullAtMs: 4_000 };
    const figures = measure({ lives: teams, matches: [full, { ...match(teams), atMs: 0 }], refused: 0 }, queue);
    expect(figures.matchPlayers).toEqual([
      { players: 2, began: 2, byTheEnd: 1 },
      { players: 3, began: 0, byTheEnd: 1 },
    ]);
    expect(figures.fill).toEqual({ filledShare: 0.5, fillMs: { p50: 4_000, p90: 10_000 } });
  });

  it("tell how many got the role that they wanted most, and a role that they didn't want", () => {
    const queue = toQueue("raid", { ...sampleDefinition(), teams: { count: 2, size: 2, roles: { tank: 1, dps: 1 } } });
    const wanting = (elo: number, roles?: string[]): Life => ({
      ...life([elo], 1),
      members: [{ ...person(elo), ...(roles && { roles }) }],
    });
    const teams = [
      [wanting(1, ["tank", "dps"]), wanting(2, ["tank", "dps"])],
      [wanting(3, ["tank"]), wanting(4)],
    ];
    const given = [
      ["p1", "tank"],
      ["p2", "dps"],
      ["p3", "dps"],
      ["p4", "tank"],
    ] as const;
    const raid = { ...match(...teams), roles: new Map(given) };
    const { roles } = measure({ lives: teams.flat(), matches: [raid], refused: 0 }, queue);
    expect(roles).toEqual({ firstChoiceShare: 0.3333, autofilledShare: 0.3333 });
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
      ...{ qualityMean: null, premadeLevels: null, roles: null, overtakes: { share: null }, fill: null },
      waitMs: { p50: null, p99: null },
      eloGap: { mean: null, p95: null },
      winProbability: { meanAbsDev: null },
    });
  });
});

describe("the figures of an elo decile and of a party size", () => {
  it("are those of the matches that its tickets were in, and of its own players' pings", () => {
    const at = (elo: number, eu: number, us: number): Life => ({
      ...life([elo], 1_000),
      members: [person(elo, { eu, us })],
    });
    const low = Array.from({ length: 10 }, (_, index) => at(100 + index, 20, 120));
    const high = Array.from({ length: 10 }, (_, index) => at(900 + 10 * index, 140, 40));
    const pairs = (lives: Life[]) =>
      lives.flatMap((one, index) => (index % 2 === 0 ? [match([one], [lives[index + 1] ?? one])] : []));
    const matches = [...pairs(low), ...pairs(high)].map((each, index) => ({
      ...each,
      region: index < 5 ? "eu" : "us",
    }));
    const { byDecile, pingMs, deltaPingMs } = measure({ lives: [...low, ...high], matches, refused: 0 });
    expect(byDecile[0]).toMatchObject({
      ...{ tickets: 2, eloGapMean: 1, teamGapMean: 1, winMeanAbsDev: 0.0014, premadeUnequalShare: 0 },
      ...{ pingMs: { p50: 20, p95: 20 }, deltaPingMs: { p50: 0, p95: 0 } },
    });
    expect(byDecile[9]).toMatchObject({ teamGapMean: 10, pingMs: { p50: 40 }, deltaPingMs: { p95: 0 } });
    expect([pingMs.p95, deltaPingMs.p95]).toEqual([40, 0]);
  });

  it("tell small parties from large ones, and leave out what one team can't have", () => {
    const [duo, solos] = [life([1_000, 1_000], 1), [life([1_100], 1), life([1_120], 1)]];
    const { byPartySize } = measure({ lives: [duo, ...solos], matches: [match([duo], solos)], refused: 0 });
    expect(byPartySize).toMatchObject([
      { size: 1, teamGapMean: 110, premadeUnequalShare: 1 },
      { size: 2, teamGapMean: 110, premadeUnequalShare: 1, pingMs: { p50: null, p95: null } },
    ]);
    const [alone] = measure({ lives: [duo], matches: [match([duo])], refused: 0 }).byPartySize;
    expect(alone).toMatchObject({ eloGapMean: 0, teamGapMean: null, winMeanAbsDev: null, premadeUnequalShare: null });
  });
});

describe("the region of a match", () => {
  const deltas = (...given: Parameters<typeof regionPings>) =>
    [...regionPings(...given).values()].map((each) => each.deltaMs);

  it("is the one with the lowest worst ping, and each player's delta is to its own best", () => {
    const german = person(1, { eu: 20, us: 110, asia: 200 });
    const american = person(2, { eu: 120, us: 25, asia: 180 });
    expect(deltas([german, american])).toEqual([90, 0]);
  });

  it("is the one that matching chose, where it did", () => {
    expect(deltas([person(1, { eu: 20, us: 110 }), person(2, { eu: 20 })], "us")).toEqual([90]);
  });

  it("needs all pings", () => {
    expect(deltas([person(1, { eu: 20, us: 10 }), person(2, { eu: 50 })])).toEqual([10, 0]);
    expect(deltas([person(1, { eu: 20 }), person(2, {})])).toEqual([]);
  });
});
