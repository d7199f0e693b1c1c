import { effectiveTries, type OpenMatch, type Queue, widensByTime } from "@muster/core";
import type { Comparable } from "../compatible.ts";
import { criteriaFor } from "../criteria.ts";
import { type JointTerms, join } from "../rules/terms.ts";
import { toComparable } from "../seeker.ts";
import { emptySide, type Member, put, type Side, toUnit } from "../split/team-side.ts";

/** A match that looks for players, as a search fills it. */
export interface OpenSeats {
  readonly match: OpenMatch;
  /** Who is in it, with what they accept by now; those who join are added. */
  readonly members: (Comparable & Member)[];
  /** In the order of the queue's teams. */
  readonly teams: SeatedTeam[];
  /** What all members have in common; undefined when the queue asks for nothing of the kind. */
  joint: JointTerms | undefined;
}

export interface SeatedTeam {
  readonly side: Side;
  /** Places that can be taken. */
  open: number;
  /** Open places by role; undefined in queues without roles. */
  readonly openRoles: Record<string, number> | undefined;
}

/**
 * What its members accept widens while it waits for players, as if it were a ticket: by the tries that they brought along
 * and the time for which it has been open.
 *
 * @param now in ms since the epoch
 */
export const openSeats = (queue: Queue, match: OpenMatch, now: number): OpenSeats => {
  const openForMs = Math.max(0, now - match.openedAt);
  const tries = widensByTime(queue)
    ? effectiveTries(queue, { tries: 0, createdAt: match.openedAt }, now)
    : match.tries + Math.floor(openForMs / queue.retryEveryMs);
  const criteria = criteriaFor(queue, tries);
  const teams = queue.teamShapes.map((shape): SeatedTeam => {
    const team = match.teams.find(({ name }) => name === shape.name);
    const side = emptySide(shape, 0);
    for (const ticket of team?.tickets ?? []) put(side, toUnit({ ticket, criteria }));
    const openRoles = shape.roles && { ...shape.roles };
    for (const role of team?.roles ?? []) if (openRoles) openRoles[role] = (openRoles[role] ?? 0) - 1;
    return { side, open: team?.open ?? 0, openRoles };
  });
  const members = match.teams.flatMap(({ tickets }) =>
    tickets.map((ticket) => ({ ticket, ...toComparable(ticket, criteria) })),
  );
  return { match, members, teams, joint: jointOf(members, match.region) };
};

const jointOf = (members: readonly Comparable[], region: string | undefined): JointTerms | undefined => {
  let joint: JointTerms | undefined;
  for (const { terms } of members) if (terms) joint = joint ? join(joint, terms) : terms;
  if (!joint?.regions?.places || region === undefined) return joint;
  // It is placed already: only there can others join.
  const places = joint.regions.places.filter((place) => place.region === region);
  return { ...joint, regions: { ...joint.regions, places } };
};
