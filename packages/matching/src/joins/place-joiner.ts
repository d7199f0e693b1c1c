import type { Queue } from "@muster/core";
import { compatible } from "../compatible.ts";
import { premadeLevel } from "../premade.ts";
import { splitCost } from "../quality.ts";
import { canJoin } from "../rules/terms.ts";
import type { Seeker } from "../seeker.ts";
import { assignRoles } from "../split/assign-roles.ts";
import { partySizes, strengthGapOf } from "../split/judge-split.ts";
import { splitRules } from "../split/split-rules.ts";
import { mayBeIn, put, roleSeekersOf, type Side, toUnit } from "../split/team-side.ts";
import { sumViolation } from "../split/team-sums.ts";
import { judgeMatch } from "../teams/judge-match.ts";
import type { OpenSeats } from "./open-seats.ts";

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
 * The best team for a ticket in a match that looks for players: one with open places for the whole party, and for its
 * roles, that leaves teams, parties and sums within what all members and the ticket accept.
 *
 * @returns undefined when it may not join: a criterion of its own or of a member forbids it, or no team has the places
 */
export const placeJoiner = (queue: Queue, seats: OpenSeats, joiner: Seeker, now: number): Placing | undefined => {
  if (!seats.members.every((member) => compatible(member, joiner))) return undefined;
  if (seats.joint && joiner.terms && !canJoin(seats.joint, joiner.terms)) return undefined;
  const members = [...seats.members, joiner];
  const rules = splitRules(queue, members);
  const unit = toUnit(joiner);
  let best: Placing | undefined;
  let bestCost = Infinity;
  for (const [team, { side, open, openRoles }] of seats.teams.entries()) {
    if (unit.size > open || !mayBeIn(unit, side)) continue;
    const assignment = openRoles && assignRoles(roleSeekersOf(unit), openRoles);
    if (openRoles && !assignment) continue;
    const sides = seats.teams.map((each, index) => (index === team ? withUnit(each.side, unit) : each.side));
    const premade = rules.withParties ? premadeLevel(queue, sides.map(partySizes)) : 0;
    if (premade > rules.premade) continue;
    const tickets = sides.map(({ units }) => units.map(({ ticket }) => ticket));
    if (rules.sums.some((rule) => sumViolation(rule, tickets) > 0)) continue;
    // Teams that everybody has left have no strength to compare.
    const manned = sides.filter(({ size }) => size > 0);
    const strengthGap = strengthGapOf(rules, manned);
    if (members.some(({ criteria }) => strengthGap > criteria.teamGap)) continue;
    const roleFault = (assignment?.faults ?? 0) / unit.size;
    const cost = splitCost(strengthGap, roleFault);
    if (cost >= bestCost) continue;
    bestCost = cost;
    const quality = judgeMatch(queue, members, { strengthGap, premade, roleFault }, now);
    const eloGap = strengthGapOf({ ...rules, withParties: false }, manned);
    best = { seats, team, quality, eloGap, ...(assignment && { roles: assignment.roles }) };
  }
  return best;
};

const withUnit = (side: Side, unit: ReturnType<typeof toUnit>): Side => {
  const changed = { ...side, units: [...side.units] };
  put(changed, unit);
  return changed;
};
