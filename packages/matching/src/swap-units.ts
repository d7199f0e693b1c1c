import type { Side, Unit } from "./team-side.ts";

/** How many rounds of swaps at most: 100 players need up to some 60. */
const MAX_SWAPS = 200;
/** A smaller gain is a rounding error, and could be swapped to and fro for ever. */
const LEAST_GAIN = 1e-6;

interface Swap {
  readonly from: Side;
  readonly to: Side;
  readonly unit: Unit;
  readonly other: Unit;
}

/**
 * Evens the teams: again and again the best swap of two tickets of equal size between the strongest and the weakest
 * team, or, when these two can't gain, between one of them and any other team; until none gains. A gain is what a swap
 * takes off the sum of the squares of the teams' elo sums. So this ends; and unlike the gap, that sum shows every step
 * on the way when there are many teams.
 */
export const improveBySwaps = (sides: readonly Side[]): void => {
  for (let swaps = 0; swaps < MAX_SWAPS; swaps++) {
    const byElo = sides.toSorted((a, b) => b.eloSum - a.eloSum);
    const [strongest, weakest] = [byElo[0], byElo.at(-1)];
    if (!strongest || !weakest) return;
    const others = byElo.slice(1, -1);
    const swap =
      bestSwap([[strongest, weakest]]) ??
      bestSwap(
        others.flatMap(
          (side) =>
            [
              [strongest, side],
              [side, weakest],
            ] as const,
        ),
      );
    if (!swap) return;
    perform(swap);
  }
};

const bestSwap = (pairs: readonly (readonly [from: Side, to: Side])[]): Swap | undefined => {
  let best: Swap | undefined;
  let bestGain = LEAST_GAIN;
  for (const [from, to] of pairs) {
    const lead = from.eloSum - to.eloSum;
    for (const unit of from.units) {
      for (const other of to.units) {
        if (unit.size !== other.size) continue;
        const moved = unit.eloSum - other.eloSum;
        // from² + to² − (from − moved)² − (to + moved)²
        const gain = 2 * moved * (lead - moved);
        if (gain <= bestGain) continue;
        best = { from, to, unit, other };
        bestGain = gain;
      }
    }
  }
  return best;
};

const perform = ({ from, to, unit, other }: Swap): void => {
  from.units[from.units.indexOf(unit)] = other;
  to.units[to.units.indexOf(other)] = unit;
  from.eloSum += other.eloSum - unit.eloSum;
  to.eloSum += unit.eloSum - other.eloSum;
};
