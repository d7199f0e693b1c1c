import { type Expected, matchWithSingles, type Prices } from "./match-with-singles.ts";
import type { Comer, Look, Pair, Policy } from "./play.ts";

export interface LookAhead {
  prices: Prices;
  /** The futures that are reckoned with at each arrival: who will come until the horizon. */
  futures: (look: Look) => readonly (readonly Comer[])[];
}

/** Two are paired when they would be in so many of the futures. */
const LEAST_SHARE = 0.5;

/**
 * At each arrival the cheapest matching of those who wait and those who will come is found for each of some futures. Two
 * who wait, and whom at least half of the matchings pair, are paired, most votes first. With drawn futures this is
 * stochastic consensus (Van Hentenryck and Bent, Online Stochastic Combinatorial Optimization, 2006).
 */
export const lookAhead = ({ prices, futures }: LookAhead): Policy => ({
  choose: (look) => {
    const { waiting } = look;
    const votes = new Map<number, number>();
    const reckoned = futures(look);
    for (const future of reckoned) {
      const mates = matchWithSingles(expected(look, future), prices);
      for (let one = 0; one < waiting.length; one++) {
        const mate = mates[one] ?? -1;
        if (mate <= one || mate >= waiting.length) continue;
        const code = one * waiting.length + mate;
        votes.set(code, (votes.get(code) ?? 0) + 1);
      }
    }
    const taken = new Set<Comer>();
    return [...votes]
      .filter(([, count]) => count >= LEAST_SHARE * reckoned.length)
      .sort(([, a], [, b]) => b - a)
      .flatMap(([code]): Pair[] => {
        const [one, other] = [waiting[Math.floor(code / waiting.length)], waiting[code % waiting.length]];
        if (!one || !other || taken.has(one) || taken.has(other)) return [];
        taken.add(one).add(other);
        return [[one, other]];
      });
  },
});

/** Those who wait, and after them those who will come. */
const expected = ({ waiting, nowMs }: Look, future: readonly Comer[]): Expected => {
  const size = waiting.length + future.length;
  const [elo, inMs] = [new Float64Array(size), new Float64Array(size)];
  waiting.forEach((comer, index) => {
    elo[index] = comer.elo;
  });
  future.forEach((comer, index) => {
    elo[waiting.length + index] = comer.elo;
    inMs[waiting.length + index] = comer.atMs - nowMs;
  });
  return { elo, inMs };
};
