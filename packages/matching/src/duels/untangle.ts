import { ascending } from "../ascending.ts";
import type { Columns } from "./columns.ts";
import { NONE } from "./duel-ladder.ts";
import type { Opponents } from "./find-pairs.ts";

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
 * @param matched those to exchange, by place, each with its opponent; others keep theirs
 * @param opponents of all; changed in place
 */
export const untangle = (columns: Columns, matched: readonly number[], opponents: Opponents): void => {
  const lowestFirst: number[] = [];
  for (const index of ascending(Float64Array.from(matched, (place) => columns.elo[place] ?? 0))) {
    lowestFirst.push(matched[index] ?? 0);
  }
  for (let sweeps = 0; sweeps < MAX_SWEEPS; sweeps++) if (!sweep(columns, lowestFirst, opponents)) return;
};

/** @returns whether it exchanged any */
const sweep = (columns: Columns, lowestFirst: readonly number[], opponents: Opponents): boolean => {
  const { elo } = columns;
  let hasExchanged = false;
  /** Lower ends of the pairs around the place that the sweep has reached, the last one nearest. */
  const around: number[] = [];
  for (const place of lowestFirst) {
    const opponent = opponents[place] ?? NONE;
    const [own, others] = [elo[place] ?? 0, elo[opponent] ?? 0];
    // Nothing lies between two of one elo, so an exchange with them gains nothing.
    if (opponent === NONE || others === own) continue;
    if (others < own) {
      const index = around.lastIndexOf(opponent);
      if (index >= 0) around.splice(index, 1);
      continue;
    }
    const index = around.findLastIndex((lower) => wouldGain(columns, lower, opponents[lower] ?? NONE, place, opponent));
    const lower = around[index];
    if (lower === undefined) {
      around.push(place);
      if (around.length > MAX_AROUND) around.shift();
      continue;
    }
    const upper = opponents[lower] ?? NONE;
    around.splice(index, 1);
    opponents[lower] = place;
    opponents[place] = lower;
    opponents[upper] = opponent;
    opponents[opponent] = upper;
    hasExchanged = true;
  }
  return hasExchanged;
};

/** Whether the lower two and the upper two of two pairs are closer, accept each other, and are each to be matched. */
const wouldGain = (columns: Columns, lower: number, upper: number, place: number, opponent: number): boolean => {
  const { elo, served } = columns;
  return (
    (elo[place] ?? 0) < (elo[upper] ?? 0) &&
    (served[lower] === 1 || served[place] === 1) &&
    (served[upper] === 1 || served[opponent] === 1) &&
    columns.suit(lower, place) &&
    columns.suit(upper, opponent)
  );
};
