import type { WaitingPlayer } from "@muster/core";
import { attributeOf, type RuleOf } from "./values.ts";

/** Two numbers may be so far apart and no farther. */
export interface DistanceStance {
  readonly kind: "distance";
  readonly live: boolean;
  readonly refusesMissing: boolean;
  /** Some of its players have no number. */
  readonly lacking: boolean;
  /** Lowest number of its players; Infinity when none has one. */
  readonly min: number;
  /** Highest number of its players; -Infinity when none has one. */
  readonly max: number;
  /** The largest difference that it accepts. */
  readonly limit: number;
}

export const distanceStance = (
  rule: RuleOf<"distance">,
  live: boolean,
  limit: number,
  players: readonly WaitingPlayer[],
): DistanceStance => {
  let [min, max] = [Infinity, -Infinity];
  let lacking = false;
  for (const player of players) {
    const value = attributeOf(player, rule.attribute);
    if (typeof value === "number") {
      min = Math.min(min, value);
      max = Math.max(max, value);
    } else lacking = true;
  }
  return {
    kind: "distance",
    live,
    refusesMissing: rule.missing === "refuse",
    lacking,
    min,
    max,
    limit,
  };
};

/** The largest difference between a number of one and a number of the other; -Infinity when either has none. */
export const distanceBetween = (own: DistanceStance, other: DistanceStance): number =>
  Math.max(own.max - other.min, other.max - own.min);

export const distanceAccepts = (own: DistanceStance, other: DistanceStance): boolean => {
  if (!own.live) return true;
  if (own.refusesMissing && (own.lacking || other.lacking)) return false;
  return distanceBetween(own, other) <= own.limit;
};
