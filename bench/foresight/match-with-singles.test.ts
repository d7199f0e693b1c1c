import { seededRandom } from "@muster/cli";
import { expect, it } from "vitest";
import { type Expected, matchWithSingles, type Prices, SINGLE } from "./match-with-singles.ts";

const PRICES: Prices = { eloPerMs: 0.003, single: 20, horizonMs: 10_000 };

/** Some wait, the others come within the horizon. */
const instance = (players: number, eloRange: number, seed: number): Expected => {
  const random = seededRandom(seed);
  const elo = new Float64Array(players).map(() => Math.round(random.next() * eloRange));
  const inMs = new Float64Array(players).map(() => Math.max(0, random.next() * 1.4 - 0.4) * PRICES.horizonMs);
  return { elo, inMs };
};

const columns = ({ elo, inMs }: Expected) => ({
  alone: (index: number) => PRICES.single + PRICES.eloPerMs * (PRICES.horizonMs - (inMs[index] ?? 0)),
  together: (a: number, b: number) =>
    Math.abs((elo[a] ?? 0) - (elo[b] ?? 0)) + PRICES.eloPerMs * Math.abs((inMs[a] ?? 0) - (inMs[b] ?? 0)),
});

const total = (players: Expected, mates: Int32Array): number => {
  const { alone, together } = columns(players);
  return mates.reduce((sum, mate, index) => sum + (mate === SINGLE ? alone(index) : together(index, mate) / 2), 0);
};

/** The cheapest of all matchings, by dynamic programming over the sets of players. */
const bruteForce = (players: Expected): number => {
  const { alone, together } = columns(players);
  const best = new Float64Array(2 ** players.elo.length);
  for (let set = 1; set < best.length; set++) {
    const first = 31 - Math.clz32(set);
    const others = set ^ (1 << first);
    let least = alone(first) + (best[others] ?? 0);
    for (let second = 0; second < first; second++) {
      if (others & (1 << second))
        least = Math.min(least, together(first, second) + (best[others ^ (1 << second)] ?? 0));
    }
    best[set] = least;
  }
  return best.at(-1) ?? 0;
};

// From where all would suit each other to where half stay single.
it.each([100, 400, 1_000])("is within 2 %% of the cheapest matching in the mean, elos up to %i apart", (eloRange) => {
  let [found, exact] = [0, 0];
  for (let seed = 0; seed < 200; seed++) {
    const players = instance(12, eloRange, seed);
    const cost = total(players, matchWithSingles(players, PRICES));
    const least = bruteForce(players);
    expect(cost).toBeGreaterThanOrEqual(least - 1e-6);
    found += cost;
    exact += least;
  }
  expect(found / exact).toBeLessThan(1.02);
});

it("pairs each with whom it is paired with, or leaves it single", () => {
  const mates = matchWithSingles(instance(81, 800, 1), PRICES);
  mates.forEach((mate, index) => {
    if (mate === SINGLE) return;
    expect(mates[mate]).toBe(index);
    expect(mate).not.toBe(index);
  });
  expect(mates.filter((mate) => mate === SINGLE).length % 2).toBe(1);
});

it("leaves two single who are too far apart, and one who is alone, and nobody of nobody", () => {
  const two = { elo: Float64Array.of(1_000, 1_101), inMs: Float64Array.of(0, 0) };
  expect([...matchWithSingles(two, PRICES)]).toEqual([SINGLE, SINGLE]);
  expect([...matchWithSingles({ ...two, elo: Float64Array.of(1_000, 1_099) }, PRICES)]).toEqual([1, 0]);
  expect([...matchWithSingles({ elo: Float64Array.of(1_000), inMs: Float64Array.of(0) }, PRICES)]).toEqual([SINGLE]);
  expect(matchWithSingles({ elo: new Float64Array(), inMs: new Float64Array() }, PRICES)).toHaveLength(0);
});
