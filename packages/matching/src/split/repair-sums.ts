import type { TeamSumRule } from "@muster/core";
import { perform, type Swap } from "./swap-units.ts";
import { mayBeIn, type Side } from "./team-side.ts";
import { sumViolation } from "./team-sums.ts";

/** Each swap costs a look at all pairs of tickets; a split that needs more is given up. */
const MAX_SWAPS = 20;

/**
 * Swaps tickets of equal size between teams until rules about their sums hold, the most helpful swap first. It may end
 * with some that don't: then the split is refused. Roles are not looked at: a swap that breaks them is found out too.
 */
export const repairSums = (rules: readonly TeamSumRule[], sides: readonly Side[]): void => {
  if (rules.length === 0) return;
  const violation = (): number => {
    const tickets = sides.map(({ units }) => units.map(({ ticket }) => ticket));
    return rules.reduce((sum, rule) => sum + sumViolation(rule, tickets), 0);
  };
  for (let swaps = 0; swaps < MAX_SWAPS; swaps++) {
    const before = violation();
    if (before === 0 || before === Infinity) return;
    let best: Swap | undefined;
    let least = before;
    for (const swap of allSwaps(sides)) {
      perform(swap);
      const after = violation();
      perform({ ...swap, unit: swap.other, other: swap.unit });
      if (after >= least) continue;
      least = after;
      best = swap;
    }
    if (!best) return;
    perform(best);
  }
};

const allSwaps = (sides: readonly Side[]): Swap[] =>
  sides.flatMap((from, index) =>
    sides
      .slice(index + 1)
      .flatMap((to) =>
        from.units.flatMap((unit) =>
          to.units
            .filter((other) => other.size === unit.size && mayBeIn(unit, to) && mayBeIn(other, from))
            .map((other) => ({ from, to, unit, other })),
        ),
      ),
  );
