import { expect, it } from "vitest";
import { seededRandom } from "../load/seeded-random.ts";
import { compareWithHindsight } from "./hindsight.ts";
import { gapAtMeanWait } from "./mean-wait-optimum.ts";
import { type Interval, overlap, pairWithHindsight } from "./optimum.ts";
import { life, match, sampleQueue } from "./testing/sample.ts";

/** Players in pairs 0 and 1, 2 and 3, … that overlap by construction. */
const instance = (players: number, seed: number): Interval[] => {
  const random = seededRandom(seed);
  return Array.from({ length: players / 2 }, () => {
    const toMs = 10 + random.next() * 60;
    const one = () => ({ elo: Math.round(random.next() * 400), fromMs: toMs - random.next() * 40, toMs });
    return [one(), one()];
  }).flat();
};

const runPartners = (players: readonly Interval[]) => players.map((_, index) => index ^ 1);

const total = (players: readonly Interval[], partners: readonly number[]) =>
  players.reduce((sum, { elo }, index) => sum + Math.abs(elo - (players[partners[index] ?? index]?.elo ?? 0)), 0) / 2;

/** The cheapest of all pairings, by dynamic programming over the sets of players. */
const bruteForce = (players: readonly Interval[]): number => {
  const best = new Map<number, number>([[0, 0]]);
  const of = (set: number): number => {
    const known = best.get(set);
    if (known !== undefined) return known;
    const first = 31 - Math.clz32(set);
    let least = Infinity;
    for (let second = 0; second < first; second++) {
      const [a, b] = [players[first], players[second]];
      if (!a || !b || !(set & (1 << second)) || !overlap(a, b)) continue;
      least = Math.min(least, Math.abs(a.elo - b.elo) + of(set ^ (1 << first) ^ (1 << second)));
    }
    best.set(set, least);
    return least;
  };
  return of(2 ** players.length - 1);
};

it("pairs everybody with someone whose wait overlaps, no worse than the run did", () => {
  const players = instance(400, 1);
  const mates = pairWithHindsight(players, runPartners(players));
  mates.forEach((mate, index) => {
    expect(mates[mate]).toBe(index);
    expect(mate).not.toBe(index);
    const [a, b] = [players[index], players[mate]];
    expect(a && b && overlap(a, b)).toBe(true);
  });
  expect(total(players, mates)).toBeLessThan(total(players, runPartners(players)));
  expect(pairWithHindsight(players, runPartners(players))).toEqual(mates);
});

it("is within 1 % of the exact optimum on small instances, in the mean", () => {
  let found = 0;
  let exact = 0;
  for (let seed = 0; seed < 100; seed++) {
    const players = instance(14, seed);
    const cost = total(players, pairWithHindsight(players, runPartners(players)));
    const least = bruteForce(players);
    expect(cost).toBeGreaterThanOrEqual(least - 1e-6);
    found += cost;
    exact += least;
  }
  expect(found / exact).toBeLessThan(1.01);
});

it("finds the pairs that the run should have made", () => {
  const matches = [match([life([1_000], 50)], [life([1_100], 50)]), match([life([1_001], 50)], [life([1_099], 50)])];
  const none = { optimumRatio: null, optimumGapMean: null, meanWaitOptimumRatio: null };
  expect(compareWithHindsight(sampleQueue(), matches)).toEqual({
    ...{ optimumRatio: 99, optimumGapMean: 1, meanWaitOptimumRatio: 99 },
  });
  expect(compareWithHindsight(sampleQueue(5), matches)).toEqual(none);
  expect(compareWithHindsight(sampleQueue(), [])).toEqual(none);
});

it("gets a smaller gap where it may choose who waits, and a greater one where waits are short", () => {
  const gapOf = (players: readonly Interval[]) => gapAtMeanWait(players) ?? Infinity;
  const players = instance(400, 1);
  const ownWaits = total(players, pairWithHindsight(players, runPartners(players))) / (players.length / 2);
  expect(gapOf(players)).toBeLessThan(ownWaits);
  const hasty = players.map((player) => ({ ...player, toMs: player.fromMs + (player.toMs - player.fromMs) / 10 }));
  expect(gapOf(hasty)).toBeGreaterThan(gapOf(players));
});
