import type { Queue } from "@muster/core";
import { type Comparable, compatible } from "../compatible.ts";
import { premadeLevel } from "../premade.ts";
import { splitCost } from "../quality.ts";
import { canJoin } from "../rules/terms.ts";
import type { Seeker } from "../seeker.ts";
import { assignRoles, type RoleAssignment } from "../split/assign-roles.ts";
import { partySizes, strengthGapOf } from "../split/judge-split.ts";
import { splitRules } from "../split/split-rules.ts";
import { mayBeIn, put, roleSeekersOf, type Side, toUnit } from "../split/team-side.ts";
import { sumViolation } from "../split/team-sums.ts";
import { judgeMatch } from "../teams/judge-match.ts";
import type { OpenSeats, SeatedTeam } from "./open-seats.ts";

/** Where a ticket would go in a match that runs. */
export interface Placing {
  readonly seats: OpenSeats;
  /** Place of the team in the queue's order. */
  readonly team: number;
  /** Player → role; only in queues with roles. */
  readonly roles?: ReadonlyMap<string, string>;
  /** Of the match with the ticket in it. */
  readonly quality: number;
  readonly eloGap: number;
}

/**
 * Why a ticket may not join: it or a member refuses the other; they have nothing in common all together; or, of one of
 * the teams, that has no places left for its party, is not one that it accepts, has none of its roles open, or would make
 * the match refuse itself by the rule that is named.
 */
export type JoinRefusal = "member" | "together" | "places" | "teamNames" | "roles" | "premade" | "teamSum" | "teamGap";

type Joiner = Comparable & Pick<Seeker, "ticket">;

/**
 * The best team for a ticket in a match that looks for players: one with open places for the whole party, and for its
 * roles, that leaves teams, parties and sums within what all members and the ticket accept.
 *
 * @returns when it may not join, why not: for each team once
 */
export const placeJoiner = (
  queue: Queue,
  seats: OpenSeats,
  joiner: Joiner,
  now: number,
): Placing | readonly JoinRefusal[] => {
  if (!seats.members.every((member) => compatible(member, joiner))) return ["member"];
  if (seats.joint && joiner.terms && !canJoin(seats.joint, joiner.terms)) return ["together"];
  let best: (Placing & { readonly cost: number }) | undefined;
  const refusals: JoinRefusal[] = [];
  for (const team of seats.teams.keys()) {
    const placing = placeInTeam(queue, seats, team, joiner, now);
    if (typeof placing === "string") refusals.push(placing);
    else if (!best || placing.cost < best.cost) best = placing;
  }
  return best ?? refusals;
};

export const isPlacing = (placing: Placing | readonly JoinRefusal[]): placing is Placing => !Array.isArray(placing);

const placeInTeam = (
  queue: Queue,
  seats: OpenSeats,
  team: number,
  joiner: Joiner,
  now: number,
): (Placing & { readonly cost: number }) | JoinRefusal => {
  const members = [...seats.members, joiner];
  const rules = splitRules(queue, members);
  const unit = toUnit(joiner);
  const found = seats.teams[team];
  if (!found || unit.size > found.open) return "places";
  if (!mayBeIn(unit, found.side)) return "teamNames";
  const assignment = rolesIn(found, unit);
  if (assignment === "none") return "roles";
  const sides = seats.teams.map((each, index) => (index === team ? withUnit(each.side, unit) : each.side));
  const premade = rules.withParties ? premadeLevel(queue, sides.map(partySizes)) : 0;
  if (premade > rules.premade) return "premade";
  const tickets = sides.map(({ units }) => units.map(({ ticket }) => ticket));
  if (rules.sums.some((rule) => sumViolation(rule, tickets) > 0)) return "teamSum";
  // Teams that everybody has left have no strength to compare.
  const manned = sides.filter(({ size }) => size > 0);
  const strengthGap = strengthGapOf(rules, manned);
  if (members.some(({ criteria }) => strengthGap > criteria.teamGap)) return "teamGap";
  const roleFault = (assignment?.faults ?? 0) / unit.size;
  return {
    ...{ seats, team, cost: splitCost(strengthGap, roleFault) },
    quality: judgeMatch(queue, members, { strengthGap, premade, roleFault }, now),
    eloGap: strengthGapOf({ ...rules, withParties: false }, manned),
    ...(assignment && { roles: assignment.roles }),
  };
};

/** Undefined in queues without roles. */
const rolesIn = ({ openRoles }: SeatedTeam, unit: ReturnType<typeof toUnit>): RoleAssignment | "none" | undefined =>
  openRoles && (assignRoles(roleSeekersOf(unit), openRoles) ?? "none");

const withUnit = (side: Side, unit: ReturnType<typeof toUnit>): Side => {
  const changed = { ...side, units: [...side.units] };
  put(changed, unit);
  return changed;
};
