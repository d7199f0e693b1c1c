import type { WaitingTicket } from "@muster/core";
import type { Criteria } from "../criteria.ts";
import { type IntersectionStance, intersectionAccepts, joinIntersections } from "./intersection.ts";
import { bestPlace, joinRegions, meetSomewhere, type RegionStance, regionStance } from "./regions.ts";
import { accepts, type Stance, stanceOf } from "./stance.ts";

/** What holds for all players of a match together: of tickets that come together, the terms come together too. */
export interface JointTerms {
  readonly common: readonly IntersectionStance[];
  /** Undefined where the queue doesn't use regions. */
  readonly regions: RegionStance | undefined;
}

/** All that a ticket asks and offers beside elo and average ping, at its tries. */
export interface Terms extends JointTerms {
  /** Rules that are asked of every two tickets. */
  readonly pairwise: readonly Stance[];
}

/** @returns undefined when the queue has no rules and uses no regions; then so it is for all its tickets */
export const termsOf = (
  { players }: Pick<WaitingTicket, "players">,
  { rules = [], regions }: Pick<Criteria, "rules" | "regions">,
): Terms | undefined => {
  if (rules.length === 0 && !regions) return undefined;
  const common: IntersectionStance[] = [];
  const pairwise: Stance[] = [];
  for (const rule of rules) {
    const stance = stanceOf(rule, players);
    if (stance.kind === "intersection") common.push(stance);
    else pairwise.push(stance);
  }
  return { pairwise, common, regions: regions && regionStance(players, regions) };
};

/** Whether two tickets of one queue accept each other's players, each at its own tries. */
export const agree = (a: Terms, b: Terms): boolean => {
  for (let index = 0; index < a.pairwise.length; index++) {
    const [one, other] = [a.pairwise[index], b.pairwise[index]];
    if (one && other && !(accepts(one, other) && accepts(other, one))) return false;
  }
  return canJoin(a, b);
};

/** Whether what holds for all players of a match still does when two sides come together. */
export const canJoin = (a: JointTerms, b: JointTerms): boolean => {
  for (let index = 0; index < a.common.length; index++) {
    const [one, other] = [a.common[index], b.common[index]];
    if (one && other && !(intersectionAccepts(one, other) && intersectionAccepts(other, one))) return false;
  }
  return !a.regions || !b.regions || meetSomewhere(a.regions, b.regions);
};

/** The terms of two sides that can join. */
export const join = (a: JointTerms, b: JointTerms): JointTerms => ({
  common: a.common.map((stance, index) => {
    const other = b.common[index];
    return other ? joinIntersections(stance, other) : stance;
  }),
  regions: a.regions && b.regions && joinRegions(a.regions, b.regions),
});

/**
 * The region of a match: that with the lowest worst ping among its players (ties: the lowest sum, then by name), of
 * those within the limits of all its tickets for all its players.
 *
 * @returns undefined where the queue doesn't use regions, and when no ping of any player is known
 */
export const regionOf = (members: readonly { readonly terms: Terms | undefined }[]): string | undefined => {
  let joint: RegionStance | undefined;
  for (const { terms } of members) {
    if (!terms?.regions) return undefined;
    joint = joint ? joinRegions(joint, terms.regions) : terms.regions;
  }
  return joint && bestPlace(joint)?.region;
};
