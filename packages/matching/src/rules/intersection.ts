import type { WaitingPlayer } from "@muster/core";
import { inCommon, type RuleOf, textsOf } from "./values.ts";

/**
 * All players of a match have so many values in common. Two by two is not enough: `ab`, `bc` and `ac` have nothing in
 * common. So tickets that come together have one stance (see `joinIntersections`), and the next is held against that.
 * Where a missing list is accepted, those count who have one, if they came with two tickets at least.
 */
export interface IntersectionStance {
  readonly kind: "intersection";
  /** It is asked for by one ticket at least. */
  readonly live: boolean;
  readonly refusesMissing: boolean;
  readonly atLeast: number;
  /** Some of its players have no list. */
  readonly lacking: boolean;
  /** What its players with a list have in common; undefined when none has a list. */
  readonly common: ReadonlySet<string> | undefined;
  /** Tickets that don't ask came together with too little in common: nobody who asks may join them. */
  readonly short: boolean;
}

export const intersectionStance = (
  rule: RuleOf<"intersection">,
  live: boolean,
  players: readonly WaitingPlayer[],
): IntersectionStance => {
  const lists = players.map((player) => textsOf(player, rule.attribute));
  return {
    kind: "intersection",
    live,
    refusesMissing: rule.missing === "refuse",
    atLeast: rule.atLeast,
    lacking: lists.includes(undefined),
    common: lists.reduce<ReadonlySet<string> | undefined>(
      (common, list) => (list ? inCommon(common, new Set(list)) : common),
      undefined,
    ),
    short: false,
  };
};

export const intersectionAccepts = (own: IntersectionStance, other: IntersectionStance): boolean => {
  if (!own.live) return true;
  if (own.refusesMissing && (own.lacking || other.lacking)) return false;
  return !other.short && missingInCommon(own, other) <= 0;
};

/** How many values too few two sides have in common; 0 or less is enough. */
export const missingInCommon = ({ common, atLeast }: IntersectionStance, other: IntersectionStance): number => {
  if (!common || !other.common) return 0;
  let count = 0;
  for (const value of common) if (other.common.has(value)) count++;
  return atLeast - count;
};

/** The stance of two sides that accept each other. */
export const joinIntersections = (a: IntersectionStance, b: IntersectionStance): IntersectionStance => ({
  ...a,
  live: a.live || b.live,
  lacking: a.lacking || b.lacking,
  common: inCommon(a.common, b.common),
  short: a.short || b.short || missingInCommon(a, b) > 0,
});
