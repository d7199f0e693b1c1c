import { type Queue, type Rule, stepFor, usesRegions } from "@muster/core";
import type { RegionLimits } from "./rules/regions.ts";

/** What a ticket accepts at one tryCount. Infinity stands for no limit. */
export interface Criteria {
  /** Largest accepted difference of elo to any other ticket of the match. */
  readonly eloSpread: number;
  /** Largest accepted difference, in ms, between an average ping of its own players and any other player's. */
  readonly pingSpreadMs: number;
  /** The queue's rules about attributes, also those that are dropped by now. Absent when it has none. */
  readonly rules?: readonly Rule[];
  /** Absent where the queue doesn't use regions. */
  readonly regions?: RegionLimits;
}

/**
 * The criteria of a ticket of `queue` after `tries` (≥ 0) searches without a match. The steps of a checked queue only
 * ever widen, so more tries never accept less.
 */
export const criteriaFor = (queue: Queue, tries: number): Criteria => {
  const { eloSpread = Infinity, pingSpreadMs = Infinity, ...limits } = stepFor(queue, tries);
  const { maxLatencyMs = Infinity, maxDeltaPingMs = Infinity } = limits;
  return {
    eloSpread,
    pingSpreadMs,
    ...(queue.rules && queue.rules.length > 0 && { rules: queue.rules }),
    ...(usesRegions(queue) && { regions: { maxLatencyMs, maxDeltaPingMs } }),
  };
};
