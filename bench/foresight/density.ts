import { closestPairs } from "./closest-pairs.ts";
import type { Policy } from "./play.ts";

/** Half the width of the window in which a player's like are counted: wide enough for some hundred of 24,000. */
const WINDOW_ELO = 20;

/**
 * Never widening: a player accepts a gap of `factor` / √density, with the share of all players per elo at its own elo. So
 * the rare get more reach, but less than would make all wait equally long.
 *
 * @param elos those of all who may come
 * @param factor in √elo
 */
export const byDensity = (elos: readonly number[], factor: number): Policy => {
  const sorted = Float64Array.from(elos).sort();
  const reaches = new Map<number, number>();
  const reachAt = (elo: number): number => {
    const like = countBelow(sorted, elo + WINDOW_ELO) - countBelow(sorted, elo - WINDOW_ELO);
    return factor / Math.sqrt(like / (2 * WINDOW_ELO * sorted.length));
  };
  return {
    choose: ({ waiting }) =>
      closestPairs(waiting, ({ elo }) => {
        const reach = reaches.get(elo) ?? reachAt(elo);
        reaches.set(elo, reach);
        return reach;
      }),
  };
};

const countBelow = (sorted: Float64Array, elo: number): number => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Infinity) < elo) low = middle + 1;
    else high = middle;
  }
  return low;
};
