import type { Comer, Pair } from "./play.ts";

/**
 * Pairs two who are within reach of each other, by the narrower of their reaches, the closest two first.
 *
 * @param reachOf the elo gap that a player accepts
 */
export const closestPairs = (waiting: readonly Comer[], reachOf: (comer: Comer) => number): Pair[] => {
  const byElo = waiting.map((comer) => ({ comer, reach: reachOf(comer) })).sort((a, b) => a.comer.elo - b.comer.elo);
  const possible: { gap: number; pair: Pair }[] = [];
  for (const [place, { comer, reach }] of byElo.entries()) {
    for (let above = place + 1; above < byElo.length; above++) {
      const other = byElo[above];
      const gap = (other?.comer.elo ?? Infinity) - comer.elo;
      if (!other || gap > reach) break;
      if (gap <= other.reach) possible.push({ gap, pair: [comer, other.comer] });
    }
  }
  const taken = new Set<Comer>();
  return possible
    .sort((a, b) => a.gap - b.gap)
    .flatMap(({ pair }) => {
      if (pair.some((comer) => taken.has(comer))) return [];
      for (const comer of pair) taken.add(comer);
      return [pair];
    });
};
