import { type Queue, stepFor } from "@muster/core";

/** What a ticket accepts at one tryCount. Infinity stands for no limit. */
export interface Criteria {
  /** Largest accepted difference of elo to any other ticket of the match. */
  readonly eloSpread: number;
  /** Largest accepted difference, in ms, between an average ping of its own players and any other player's. */
  readonly pingSpreadMs: number;
}

/**
 * The criteria of a ticket of `queue` after `tries` (≥ 0) searches without a match. The steps of a checked queue only
 * ever widen, so more tries never accept less.
 */
export const criteriaFor = (queue: Queue, tries: number): Criteria => {
  const { eloSpread = Infinity, pingSpreadMs = Infinity } = stepFor(queue, tries);
  return { eloSpread, pingSpreadMs };
};
