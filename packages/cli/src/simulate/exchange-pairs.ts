export interface PairsToExchange {
  /** For each item the index of its partner; all are paired. */
  partners: readonly number[];
  /** For each item those that it might be paired with, the cheapest first. */
  neighbours: readonly (readonly number[])[];
  /** Symmetric, 0 or more. */
  cost: (a: number, b: number) => number;
  /** Symmetric; true for what are partners or neighbours. */
  mayPair: (a: number, b: number) => boolean;
}

/** How many neighbours each further link of a chain tries. */
const BREADTH = [10, 6, 4, 3];
const LEAST_GAIN = 1e-9;

/**
 * Makes a perfect matching cheaper by local search: as Lin and Kernighan (1973) do for tours, it looks for alternating
 * chains of up to five pairs whose exchange lowers the total, until none along the neighbours is left.
 *
 * @returns the partners after that; never dearer than before
 */
export const exchangePairs = ({ partners, neighbours, cost, mayPair }: PairsToExchange): number[] => {
  const mates = [...partners];
  const mateOf = (index: number): number => mates[index] as number;

  /**
   * Extends a chain whose pairs are broken up to here: `loose` wants a partner, and so does `end`.
   *
   * @param chain the new pairs so far, one after the other
   * @param gain what the broken pairs cost minus what the new ones do
   * @returns whether the chain now holds an exchange that lowers the total
   */
  const extend = (loose: number, end: number, gain: number, chain: number[]): boolean => {
    const breadth = BREADTH[chain.length / 2];
    if (breadth === undefined) return false;
    let tried = 0;
    for (const next of neighbours[loose] ?? []) {
      const opened = gain - cost(loose, next);
      if (opened <= LEAST_GAIN || tried === breadth) return false;
      const mate = mateOf(next);
      // A player whose pair is broken already has a new partner.
      if (next === end || mate === loose || chain.includes(next) || chain.includes(mate)) continue;
      tried += 1;
      const broken = opened + cost(next, mate);
      chain.push(loose, next);
      if (mayPair(mate, end) && broken - cost(mate, end) > LEAST_GAIN) {
        chain.push(mate, end);
        return true;
      }
      if (extend(mate, end, broken, chain)) return true;
      chain.length -= 2;
    }
    return false;
  };

  /** @returns the items that have a new partner */
  const improve = (index: number): number[] => {
    for (const loose of [index, mateOf(index)]) {
      const end = mateOf(loose);
      const chain: number[] = [];
      if (!extend(loose, end, cost(loose, end), chain)) continue;
      for (let link = 0; link < chain.length; link += 2) {
        const [a, b] = chain.slice(link, link + 2) as [number, number];
        mates[a] = b;
        mates[b] = a;
      }
      return chain;
    }
    return [];
  };

  let waiting = mates.map((_, index) => index);
  while (waiting.length > 0) {
    const changed = new Set(waiting.flatMap(improve));
    waiting = [...changed].sort((a, b) => a - b);
  }
  return mates;
};
