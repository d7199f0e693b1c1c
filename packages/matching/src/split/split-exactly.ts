import type { RoleAssignment } from "./assign-roles.ts";
import { hasMoreSplitsThan, twinsOf } from "./count-splits.ts";
import { judgeSplit, type RolesOf, rolesOfSide, type Verdict } from "./judge-split.ts";
import type { SplitRules } from "./split-rules.ts";
import { emptySide, mayBeIn, put, type Side, type Unit } from "./team-side.ts";

/** Not tried: there are more splits than were to be tried. */
export const TOO_MANY = "tooMany";

/**
 * The best split that the rules allow, found by trying all: see `judgeSplit`; ties go to the split whose teams' strongest
 * players are nearest to each other. The number of splits explodes with the players: for small matches only.
 *
 * @param units all tickets of the match
 * @returns undefined when no split is allowed; `TOO_MANY` when there are more than `most` to try
 */
export const splitExactly = (
  rules: SplitRules,
  units: readonly Unit[],
  most: number,
): Side[] | undefined | typeof TOO_MANY => {
  const sides = rules.queue.teamShapes.map((shape, index) => emptySide(shape, rules.least[index] ?? shape.min));
  const twins = twinsOf(rules, sides, units);
  if (hasMoreSplitsThan(most, sides, units, twins)) return TOO_MANY;
  const chosen: Side[] = [];
  let split: Side[] | undefined;
  let best: Verdict = { cost: Infinity, bestGap: Infinity };
  const rolesOf = rememberRoles();

  const judge = (): void => {
    const verdict = judgeSplit(rules, sides, rolesOf);
    if (!verdict || verdict.cost > best.cost) return;
    if (verdict.cost === best.cost && verdict.bestGap >= best.bestGap) return;
    best = verdict;
    split = [...chosen];
  };

  const place = (index: number, left: number): void => {
    // No split is better than an even one; in a crowd, where ten of one elo meet, the first is.
    if (best.cost === 0 && best.bestGap === 0) return;
    const unit = units[index];
    if (!unit) {
      judge();
      return;
    }
    for (const [team, side] of sides.entries()) {
      const { size, eloSum, best: bestOfSide } = side;
      if (size + unit.size <= side.shape.max && mayBeIn(unit, side) && !hasEmptyTwin(twins, sides, team)) {
        chosen[index] = side;
        side.units.push(unit);
        side.size = size + unit.size;
        side.eloSum = eloSum + unit.eloSum;
        side.best = Math.max(bestOfSide, unit.best);
        if (lacking(sides) <= left - unit.size) place(index + 1, left - unit.size);
        // Put back from a copy, not by subtraction: sums of fractions would drift from one split to the next.
        side.units.pop();
        side.size = size;
        side.eloSum = eloSum;
        side.best = bestOfSide;
      }
    }
  };

  place(
    0,
    units.reduce((sum, { size }) => sum + size, 0),
  );
  if (!split) return undefined;
  for (const [index, unit] of units.entries()) {
    const side = split[index];
    if (side) put(side, unit);
  }
  return sides;
};

/** Players that the teams still need to begin. */
const lacking = (sides: readonly Side[]): number =>
  sides.reduce((sum, { least, size }) => sum + Math.max(0, least - size), 0);

/** Whether a team and an earlier one that is just like it are empty: then only the earlier one is tried. */
const hasEmptyTwin = (twins: readonly number[], sides: readonly Side[], team: number): boolean => {
  if (sides[team]?.size !== 0) return false;
  for (let earlier = 0; earlier < team; earlier++) {
    if (twins[earlier] === twins[team] && sides[earlier]?.size === 0) return true;
  }
  return false;
};

/** Many splits share a team: its roles are assigned once. */
const rememberRoles = (): RolesOf => {
  const known = new Map<string, RoleAssignment | undefined>();
  return (side) => {
    const key = `${side.shape.name}\n${side.units.map(({ ticket }) => ticket.id).join("\n")}`;
    if (!known.has(key)) known.set(key, rolesOfSide(side));
    return known.get(key);
  };
};
