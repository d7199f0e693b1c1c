import { latencyLevel } from "@muster/core";
import type { Criteria } from "./criteria.ts";
import { agree, type Terms } from "./rules/terms.ts";

/** The part of a waiting ticket that criteria look at. */
export interface Comparable {
  readonly elo: number;
  readonly criteria: Criteria;
  /** Lowest known average ping of its players; Infinity when none is known. */
  readonly pingMinMs: number;
  /** Highest known average ping of its players; -Infinity when none is known. */
  readonly pingMaxMs: number;
  /** Attribute rules and regions; undefined for all tickets of a queue without either. */
  readonly terms: Terms | undefined;
}

/**
 * Whether two tickets accept each other, each by the criteria of its own tries: mutual, so the narrower spread decides.
 * Pings are compared between the players of one ticket and those of the other. Unknown pings pass: their infinities
 * make the difference -Infinity. A party's own players need not be near each other, for they chose to play together.
 *
 * For a match of two tickets this is all. In a larger one every two are compatible, and there are also terms that they
 * must meet together (see `canJoin`).
 */
export const compatible = (a: Comparable, b: Comparable): boolean => {
  const eloDistance = Math.abs(a.elo - b.elo);
  if (eloDistance > a.criteria.eloSpread || eloDistance > b.criteria.eloSpread) return false;
  const pingDistanceMs = Math.max(a.pingMaxMs - b.pingMinMs, b.pingMaxMs - a.pingMinMs);
  return (
    levelsAgree(a, b) &&
    pingDistanceMs <= a.criteria.pingSpreadMs &&
    pingDistanceMs <= b.criteria.pingSpreadMs &&
    (a.terms === undefined || b.terms === undefined || agree(a.terms, b.terms))
  );
};

/** Largest difference between the latency levels of players of two tickets; -Infinity when a ping is unknown. */
export const levelDistance = (a: PingRange, b: PingRange): number => {
  if (a.pingMinMs > a.pingMaxMs || b.pingMinMs > b.pingMaxMs) return -Infinity;
  return Math.max(
    latencyLevel(a.pingMaxMs) - latencyLevel(b.pingMinMs),
    latencyLevel(b.pingMaxMs) - latencyLevel(a.pingMinMs),
  );
};

export type PingRange = Pick<Comparable, "pingMinMs" | "pingMaxMs">;

const levelsAgree = (a: Comparable, b: Comparable): boolean => {
  const spread = Math.min(a.criteria.latencyLevelSpread, b.criteria.latencyLevelSpread);
  return spread === Infinity || levelDistance(a, b) <= spread;
};
