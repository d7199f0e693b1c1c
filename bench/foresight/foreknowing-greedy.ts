import type { Comer, Pair, Policy } from "./play.ts";

/**
 * Knows all who will ever come, and of all pairs takes the cheapest first, by gap and time apart: what foresight is worth
 * without weighing pairs against each other.
 *
 * @param most in elo: nobody is paired at a higher cost
 */
export const foreknowingGreedy = (arrivals: readonly Comer[], eloPerMs: number, most: number): Policy => {
  const possible: { cost: number; pair: Pair }[] = [];
  for (const [place, one] of arrivals.entries()) {
    for (let later = place + 1; later < arrivals.length; later++) {
      const other = arrivals[later];
      const waitCost = eloPerMs * ((other?.atMs ?? Infinity) - one.atMs);
      if (!other || waitCost > most) break;
      const cost = Math.abs(other.elo - one.elo) + waitCost;
      if (cost <= most) possible.push({ cost, pair: [one, other] });
    }
  }
  const opponents = new Map<Comer, Comer>();
  for (const { pair } of possible.sort((a, b) => a.cost - b.cost)) {
    const [one, other] = pair;
    if (!opponents.has(one) && !opponents.has(other)) opponents.set(one, other).set(other, one);
  }
  return {
    choose: ({ waiting }) => {
      const comer = waiting.at(-1);
      const opponent = comer && opponents.get(comer);
      return opponent && waiting.includes(opponent) ? [[opponent, comer]] : [];
    },
  };
};
