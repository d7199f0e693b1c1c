import { mayBeIn, type Side, type Unit } from "./team-side.ts";

/** How many rounds of swaps at most: 100 players need up to some 60. */
const MAX_SWAPS = 200;
/** A smaller gain is a rounding error, and could be swapped to and fro for ever. */
const LEAST_GAIN = 1e-6;

export interface Swap {
  readonly from: Side;
  readonly to: Side;
  readonly unit: Unit;
  readonly other: Unit;
}

/**
 * Evens the teams: again and again the best swap of two tickets of equal size between the strongest and the weakest
 * team, or, when these two can't gain, between one of them and any other team; until none gains. A gain is what a swap
 * takes off the sum of the squares of the teams' means, each weighted by its players. So this ends; and unlike the gap,
 * that sum shows every step on the way when there are many teams.
 *
 * @param kindOf only tickets of one kind may change places
 */
export const improveBySwaps = (sides: readonly Side[], kindOf: (unit: Unit) => string): void => {
  for (let swaps = 0; swaps < MAX_SWAPS; swaps++) {
    const byMean = sides.toSorted((a, b) => b.eloSum / b.size - a.eloSum / a.size);
    const [strongest, weakest] = [byMean[0], byMean.at(-1)];
    if (!strongest || !weakest || strongest === weakest) return;
    const others = byMean.slice(1, -1);
    const swap =
      bestSwap([[strongest, weakest]], kindOf) ??
      bestSwap(
        others.flatMap(
          (side) =>
            [
              [strongest, side],
              [side, weakest],
            ] as const,
        ),
        kindOf,
      );
    if (!swap) return;
    perform(swap);
  }
};

const bestSwap = (
  pairs: readonly (readonly [from: Side, to: Side])[],
  kindOf: (unit: Unit) => string,
): Swap | undefined => {
  let best: Swap | undefined;
  let bestGain = LEAST_GAIN;
  for (const [from, to] of pairs) {
    for (const unit of from.units) {
      for (const other of to.units) {
        if (unit.size !== other.size) continue;
        const moved = unit.eloSum - other.eloSum;
        // eloSum² / size of both teams, before the swap minus after it.
        const gain =
          (2 * from.eloSum * moved - moved * moved) / from.size - (2 * to.eloSum * moved + moved * moved) / to.size;
        if (gain <= bestGain || kindOf(unit) !== kindOf(other) || !mayBeIn(unit, to) || !mayBeIn(other, from)) continue;
        best = { from, to, unit, other };
        bestGain = gain;
      }
    }
  }
  return best;
};

export const perform = ({ from, to, unit, other }: Swap): void => {
  from.units[from.units.indexOf(unit)] = other;
  to.units[to.units.indexOf(other)] = unit;
  from.eloSum += other.eloSum - unit.eloSum;
  to.eloSum += unit.eloSum - other.eloSum;
  for (const side of [from, to]) side.best = Math.max(...side.units.map(({ best }) => best));
};
