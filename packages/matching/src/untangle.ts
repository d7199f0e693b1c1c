import { ascending } from "./ascending.ts";
import { compatible } from "./compatible.ts";
import type { Opponents } from "./find-pairs.ts";
import type { Seeker } from "./seeker.ts";

/** With how many of the pairs around it an exchange is tried: those whose lower end is nearest. */
const MAX_AROUND = 16;
/** One exchange may make way for another below it, so the sweep is repeated; so often is enough in practice. */
const MAX_SWEEPS = 4;

/**
 * Exchanges opponents so that pairs get closer; who is matched stays matched.
 *
 * On a line the closest pairing of an even number of points is that of neighbours: lowest with second lowest and so on,
 * so that no two pairs overlap. Of two pairs that overlap, the lower two and the upper two are together closer, by twice
 * what lies between the two in the middle. So a sweep upwards that makes this exchange wherever the four agree to it
 * finds the optimum when all accept each other. Where criteria forbid some pairs it comes near it, at a bounded cost
 * per ticket; the exact optimum would be a minimum-cost matching, in the order of n³.
 *
 * @param matched those to exchange, each with its opponent; others keep theirs
 * @param opponents of all; changed in place
 */
export const untangle = (matched: readonly Seeker[], opponents: Opponents): void => {
  const lowestFirst: Seeker[] = [];
  for (const index of ascending(Float64Array.from(matched, ({ elo }) => elo))) {
    const seeker = matched[index];
    if (seeker) lowestFirst.push(seeker);
  }
  for (let sweeps = 0; sweeps < MAX_SWEEPS; sweeps++) if (!sweep(lowestFirst, opponents)) return;
};

/** @returns whether it exchanged any */
const sweep = (lowestFirst: readonly Seeker[], opponents: Opponents): boolean => {
  let hasExchanged = false;
  /** Lower ends of the pairs around the place that the sweep has reached, the last one nearest. */
  const around: Seeker[] = [];
  for (const seeker of lowestFirst) {
    const opponent = opponents[seeker.age];
    // Nothing lies between two of one elo, so an exchange with them gains nothing.
    if (!opponent || opponent.elo === seeker.elo) continue;
    if (opponent.elo < seeker.elo) {
      const index = around.lastIndexOf(opponent);
      if (index >= 0) around.splice(index, 1);
      continue;
    }
    const index = around.findLastIndex((lower) => wouldGain(lower, opponents[lower.age], seeker, opponent));
    const lower = around[index];
    const upper = lower && opponents[lower.age];
    if (!lower || !upper) {
      around.push(seeker);
      if (around.length > MAX_AROUND) around.shift();
      continue;
    }
    around.splice(index, 1);
    opponents[lower.age] = seeker;
    opponents[seeker.age] = lower;
    opponents[upper.age] = opponent;
    opponents[opponent.age] = upper;
    hasExchanged = true;
  }
  return hasExchanged;
};

/** Whether the lower two and the upper two of two pairs are closer, accept each other, and are each to be matched. */
const wouldGain = (lower: Seeker, upper: Seeker | undefined, seeker: Seeker, opponent: Seeker): boolean =>
  upper !== undefined &&
  seeker.elo < upper.elo &&
  (lower.served || seeker.served) &&
  (upper.served || opponent.served) &&
  compatible(lower, seeker) &&
  compatible(upper, opponent);
