import type { Random } from "@muster/core";
import { exponential } from "./seeded-random.ts";

export interface Arrivals {
  /** How many arrive after the last call's time and up to this one, ms since the start. */
  until(elapsedMs: number): number;
}

/** Arrivals of a Poisson process: so many per second on average, each without knowing of the others. */
export const poissonArrivals = (ratePerS: number, random: Random): Arrivals => {
  const meanGapMs = 1_000 / ratePerS;
  let nextMs = exponential(meanGapMs, random);
  return {
    until: (elapsedMs) => {
      let count = 0;
      for (; nextMs <= elapsedMs; nextMs += exponential(meanGapMs, random)) count += 1;
      return count;
    },
  };
};
