import type { Random } from "@muster/core";

export const FIRST_MS = 200;
export const LONGEST_MS = 10_000;
/** Who lived this long has recovered: its next death counts as the first. */
export const RECOVERED_MS = 30_000;

/**
 * How long to wait before starting again what died: 0.2 s at the first death, twice as long at each further one, at
 * most 10 s; of that, between half and all by chance, so that those who died together don't come back together.
 */
export class Backoff {
  readonly #random: Random;
  #deaths = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** @param aliveMs how long it lived this time */
  nextMs(aliveMs: number): number {
    if (aliveMs >= RECOVERED_MS) this.#deaths = 0;
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#deaths++);
    return Math.round(longest * (0.5 + this.#random.next() / 2));
  }
}
