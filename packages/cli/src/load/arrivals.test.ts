import fc from "fast-check";
import { expect, it } from "vitest";
import { poissonArrivals } from "./arrivals.ts";
import { exponential, seededRandom, shuffled } from "./seeded-random.ts";

const perTick = (seed: number, ratePerS: number, seconds: number, tickMs: number): number[] => {
  const arrivals = poissonArrivals(ratePerS, seededRandom(seed));
  return Array.from({ length: (seconds * 1_000) / tickMs }, (_, tick) => arrivals.until((tick + 1) * tickMs));
};

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);

it("arrive at the given rate, with a Poisson process's spread", () => {
  const counts = perTick(1, 200, 100, 50);
  const mean = sum(counts) / counts.length;
  const variance = sum(counts.map((count) => (count - mean) ** 2)) / counts.length;
  expect(mean).toBeCloseTo(10, 0);
  // A Poisson count's variance is its mean; evenly spaced arrivals would have nearly none.
  expect(variance / mean).toBeGreaterThan(0.85);
  expect(variance / mean).toBeLessThan(1.15);
});

it("are the same again with the same seed, however often one looks", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 5_000 }), fc.constantFrom(10, 50, 1_000), (seed, rate, tickMs) => {
      expect(sum(perTick(seed, rate, 2, tickMs))).toBe(sum(perTick(seed, rate, 2, 2_000)));
    }),
    { numRuns: 30 },
  );
});

it("an exponential wait has its mean", () => {
  const random = seededRandom(7);
  const waits = Array.from({ length: 20_000 }, () => exponential(1_000, random));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
  expect(sum(waits) / waits.length / 1_000).toBeCloseTo(1, 1);
});

it("a shuffle keeps every item and depends on the seed alone", () => {
  const items = Array.from({ length: 100 }, (_, index) => index);
  const first = shuffled(items, seededRandom(3));
  expect(shuffled(items, seededRandom(3))).toEqual(first);
  expect(first).not.toEqual(items);
  expect(first.toSorted((a, b) => a - b)).toEqual(items);
});
