import type { SplitRules } from "./split-rules.ts";
import { mayBeIn, type Side, type Unit } from "./team-side.ts";

/**
 * Groups the teams that can't be told apart, as long as they are empty: of one shape, named by the same tickets or by
 * none, and in no order of their sums.
 *
 * @returns for each team, the first team that is like it
 */
export const twinsOf = ({ queue, sums }: SplitRules, sides: readonly Side[], units: readonly Unit[]): number[] => {
  const isOrdered = sums.some(({ order }) => order !== undefined);
  if (!Array.isArray(queue.teams) && !isOrdered) return sides.map(() => 0);
  const known = new Map<string, number>();
  return sides.map((side, index) => {
    const { min, max, roles = {} } = side.shape;
    const inOrder = Object.entries(roles).sort(([a], [b]) => (a < b ? -1 : 1));
    const likeness = JSON.stringify([min, max, inOrder, units.map((unit) => mayBeIn(unit, side)), isOrdered && index]);
    const first = known.get(likeness) ?? index;
    known.set(likeness, first);
    return first;
  });
};

/** Where many teams differ, already counting may take too long. */
const MAX_LOOKS = 5_000;

/**
 * Whether `splitExactly` would have to try more splits than these: by places and names, whatever the rules then say.
 *
 * @param twins see `twinsOf`
 */
export const hasMoreSplitsThan = (
  most: number,
  sides: readonly Side[],
  units: readonly Unit[],
  twins: readonly number[],
): boolean => {
  // Two teams of ten players have 1,024 at most, and one has one: not worth the counting.
  if (sides.length < 3) return false;
  const known = new Map<string, number>();
  const placed = sides.map(() => 0);
  let looks = 0;

  const countFrom = (index: number, left: number): number => {
    const unit = units[index];
    if (!unit) return 1;
    // Twins may be filled in any order.
    const key = `${index} ${placed.map((players, team) => `${twins[team]}:${players}`).sort()}`;
    let count = known.get(key);
    if (count !== undefined) return count;
    if (looks++ > MAX_LOOKS) return Infinity;
    count = 0;
    const begun = new Set<number>();
    for (const [team, side] of sides.entries()) {
      const players = placed[team] ?? 0;
      if (players + unit.size > side.shape.max || !mayBeIn(unit, side)) continue;
      if (players === 0) {
        if (begun.has(twins[team] ?? team)) continue;
        begun.add(twins[team] ?? team);
      }
      placed[team] = players + unit.size;
      if (lacking(sides, placed) <= left - unit.size) count += countFrom(index + 1, left - unit.size);
      placed[team] = players;
      if (count > most) break;
    }
    known.set(key, count);
    return count;
  };
  return (
    countFrom(
      0,
      units.reduce((sum, { size }) => sum + size, 0),
    ) > most
  );
};

const lacking = (sides: readonly Side[], placed: readonly number[]): number =>
  sides.reduce((sum, { least }, team) => sum + Math.max(0, least - (placed[team] ?? 0)), 0);
