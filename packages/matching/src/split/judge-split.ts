import { isAllSolo, isFullParty, premadeLevel } from "../premade.ts";
import { splitCost } from "../quality.ts";
import { assignRoles, type RoleAssignment } from "./assign-roles.ts";
import type { SplitRules } from "./split-rules.ts";
import { roleSeekersOf, type Side, spreadOf } from "./team-side.ts";
import { sumViolation } from "./team-sums.ts";

/** How good a split is; lower is better in both numbers, the first before the second. */
export interface Verdict {
  readonly cost: number;
  /** Difference between the teams' strongest players. */
  readonly bestGap: number;
}

/** The roles of a team's players; undefined when they can't all have one. */
export type RolesOf = (side: Side) => RoleAssignment | undefined;

/** Teams with equally many places should get equally many players before anything else counts; other costs stay below 1. */
const UNEVEN = 10;

/**
 * Judges a split of all tickets: undefined when a rule forbids it.
 *
 * Of the splits that are allowed the best is the one with the smallest difference of the teams' mean elo (with the
 * handicap of a full party); where there are roles, with what they take off the match's quality.
 */
export const judgeSplit = (rules: SplitRules, sides: readonly Side[], rolesOf: RolesOf): Verdict | undefined => {
  let players = 0;
  for (const { size, least } of sides) {
    if (size < least) return undefined;
    players += size;
  }
  const premade = rules.withParties ? premadeLevel(rules.queue, sides.map(partySizes)) : 0;
  if (premade > rules.premade) return undefined;
  let roleFaults = 0;
  if (rules.withRoles) {
    for (const side of sides) {
      const assignment = rolesOf(side);
      if (!assignment) return undefined;
      roleFaults += assignment.faults;
    }
  }
  if (rules.sums.length > 0) {
    const tickets = sides.map(({ units }) => units.map(({ ticket }) => ticket));
    if (rules.sums.some((rule) => sumViolation(rule, tickets) > 0)) return undefined;
  }
  const cost = splitCost(strengthGapOf(rules, sides), roleFaults / players) + UNEVEN * unevenness(sides);
  return { cost, bestGap: spreadOf(sides, bestOf) };
};

/** Largest difference between two teams' strength: mean elo, and the handicap of a full party against solo players. */
export const strengthGapOf = ({ queue, withParties }: SplitRules, sides: readonly Side[]): number => {
  const { premadeHandicapElo = 0 } = queue;
  if (!withParties || premadeHandicapElo === 0) return spreadOf(sides, meanOf);
  return spreadOf(sides, (side) => {
    const meetsSolos =
      isFullParty(partySizes(side), side.shape.max) &&
      sides.some((other) => other !== side && other.shape.max === side.shape.max && isAllSolo(partySizes(other)));
    return meetsSolos ? meanOf(side) + premadeHandicapElo : meanOf(side);
  });
};

export const meanOf = ({ eloSum, size }: Side): number => eloSum / size;

const bestOf = ({ best }: Side): number => best;

export const partySizes = ({ units }: Side): number[] => units.map(({ size }) => size);

/** The roles of a team as it stands; only for queues with roles. */
export const rolesOfSide: RolesOf = ({ shape, units }) =>
  shape.roles ? assignRoles(units.flatMap(roleSeekersOf), shape.roles) : { roles: new Map(), faults: 0 };

/** Largest difference of players between two teams of equal places. */
const unevenness = (sides: readonly Side[]): number => {
  if (sides.every(({ size, shape }) => size === shape.max)) return 0;
  let most = 0;
  for (const [index, side] of sides.entries()) {
    for (const other of sides.slice(0, index)) {
      if (other.shape.max === side.shape.max) most = Math.max(most, Math.abs(other.size - side.size));
    }
  }
  return most;
};
