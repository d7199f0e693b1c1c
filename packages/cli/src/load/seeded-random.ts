import type { Random } from "@muster/core";

/**
 * A repeatable stream of chance: mulberry32 by Tommy Ettinger (public domain), 32 bits of state. Good enough for
 * arrivals and coin tosses, and every run with the same seed offers the same load.
 */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return {
    next: () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
};

/** Exponentially distributed with the given mean: the gap between events that don't know of each other. */
export const exponential = (mean: number, random: Random): number => -Math.log(1 - random.next()) * mean;

/** A shuffled copy (Fisher and Yates). */
export const shuffled = <Item>(items: readonly Item[], random: Random): Item[] => {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random.next() * (last + 1));
    // Both indexes are inside the array.
    [result[last], result[other]] = [result[other] as Item, result[last] as Item];
  }
  return result;
};
