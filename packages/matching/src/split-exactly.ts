import type { TeamSizes } from "./pack-parties.ts";
import { emptySides, put, type Side, spreadOf, type Unit } from "./team-side.ts";

/**
 * The split with the smallest gap of mean elo, then with the strongest players of the teams nearest to each other,
 * found by trying all. The number of splits explodes with the players: for small matches only.
 *
 * @param units all tickets of the match
 * @returns undefined when no split keeps every party whole
 */
export const splitExactly = (teams: TeamSizes, units: readonly Unit[]): Side[] | undefined => {
  const sides = emptySides(teams);
  const chosen: Side[] = [];
  let split: Side[] | undefined;
  let gap = Infinity;
  let gapOfBest = Infinity;

  const judge = (): void => {
    const newGap = spreadOf(sides, "eloSum");
    if (newGap > gap) return;
    const newGapOfBest = spreadOf(sides, "best");
    if (newGap === gap && newGapOfBest >= gapOfBest) return;
    gap = newGap;
    gapOfBest = newGapOfBest;
    split = [...chosen];
  };

  const place = (index: number): void => {
    // No split is better than an even one; in a crowd, where ten of one elo meet, the first is.
    if (gap === 0 && gapOfBest === 0) return;
    const unit = units[index];
    if (!unit) {
      judge();
      return;
    }
    for (const side of sides) {
      const { open, eloSum, best } = side;
      if (open >= unit.size) {
        chosen[index] = side;
        side.open = open - unit.size;
        side.eloSum = eloSum + unit.eloSum;
        side.best = Math.max(best, unit.best);
        place(index + 1);
        // Put back from a copy, not by subtraction: sums of fractions would drift from one split to the next.
        side.open = open;
        side.eloSum = eloSum;
        side.best = best;
      }
      // Empty teams are alike, and after the first all are empty.
      if (open === teams.size) break;
    }
  };

  place(0);
  if (!split) return undefined;
  units.forEach((unit, index) => {
    const side = split?.[index];
    if (side) put(side, unit);
  });
  return sides;
};
