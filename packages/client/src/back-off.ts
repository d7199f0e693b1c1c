import type { Random } from "@muster/core";

export interface BackOff {
  /** The first wait, in ms; it doubles with each further attempt. */
  firstMs: number;
  mostMs: number;
}

/**
 * The wait before the next attempt, in ms, with jitter so that many clients don't return at the same moment.
 *
 * @param failures failed attempts so far, at least 1
 * @returns between half and all of `firstMs × 2^(failures − 1)`, bounded by `mostMs`
 */
export const backOffMs = (failures: number, { firstMs, mostMs }: BackOff, random: Random): number =>
  Math.min(mostMs, firstMs * 2 ** (failures - 1)) * (0.5 + random.next() / 2);

/** Waits; ends early, without an error, when the signal is aborted. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener("abort", wake);
  });
