import type { Rule, WaitingPlayer } from "@muster/core";
import { type AvoidStance, avoidAccepts, avoidStance } from "./avoid.ts";
import { type DistanceStance, distanceAccepts, distanceStance } from "./distance.ts";
import { type EqualStance, equalAccepts, equalStance } from "./equal.ts";
import { type IntersectionStance, intersectionAccepts, intersectionStance } from "./intersection.ts";
import { type OneOfStance, oneOfAccepts, oneOfStance } from "./one-of.ts";
import type { RuleNow } from "./values.ts";

/**
 * What one rule of the queue wants of a ticket at its tries, and what it finds in the ticket's players: all that is
 * needed to hold it against another ticket. Read once per ticket and search. A value of a type that the rule can't use
 * counts as missing.
 */
export type Stance = EqualStance | OneOfStance | IntersectionStance | DistanceStance | AvoidStance;

export const stanceOf = ({ rule, live, max }: RuleNow, players: readonly WaitingPlayer[]): Stance => {
  switch (rule.kind) {
    case "equal":
      return equalStance(rule, live, players);
    case "oneOf":
      return oneOfStance(rule, live, players);
    case "intersection":
      return intersectionStance(rule, live, players);
    case "distance":
      return distanceStance(rule, live, max, players);
    case "avoid":
      return avoidStance(rule, live, players);
  }
};

/** Whether a ticket, by its own tries, accepts another by one rule of the queue. The other may refuse all the same. */
export const accepts = (own: Stance, other: Stance): boolean => {
  switch (own.kind) {
    case "equal":
      return other.kind === "equal" && equalAccepts(own, other);
    case "oneOf":
      return other.kind === "oneOf" && oneOfAccepts(own, other);
    case "intersection":
      return other.kind === "intersection" && intersectionAccepts(own, other);
    case "distance":
      return other.kind === "distance" && distanceAccepts(own, other);
    case "avoid":
      return other.kind === "avoid" && avoidAccepts(own, other);
  }
};

/** How a rule is called where it is counted: `equal(platform)`. */
export const ruleName = ({ kind, attribute }: Rule): string => `${kind}(${attribute})`;
