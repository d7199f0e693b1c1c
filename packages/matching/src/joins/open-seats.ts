import type { OpenMatch, Queue, WaitingTicket } from "@muster/core";
import type { Comparable } from "../compatible.ts";
import { criteriaByTries } from "../criteria-by-tries.ts";
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
 * What each member accepts widens on while the match waits for players, as if its ticket did: from the tries that it
 * brought along, by the time for which the match has been open.
 *
 * @param now in ms since the epoch
 */
export const openSeats = (queue: Queue, match: OpenMatch, now: number): OpenSeats => {
  const triesNow = triesInMatch(queue, match, now);
  const criteriaOf = criteriaByTries(queue);
  const criteriaNow = (ticket: WaitingTicket) => criteriaOf(triesNow(ticket));
  const teams = queue.teamShapes.map((shape): SeatedTeam => {
    const team = match.teams.find(({ name }) => name === shape.name);
    const side = emptySide(shape, 0);
    for (const ticket of team?.tickets ?? []) put(side, toUnit({ ticket, criteria: criteriaNow(ticket) }));
    const openRoles = shape.roles && { ...shape.roles };
    for (const role of team?.roles ?? []) if (openRoles) openRoles[role] = (openRoles[role] ?? 0) - 1;
    return { side, open: team?.open ?? 0, openRoles };
  });
  const members = match.teams.flatMap(({ tickets }) =>
    tickets.map((ticket) => ({ ticket, ...toComparable(ticket, criteriaNow(ticket)) })),
  );
  return { match, members, teams, joint: jointOf(members, match.region) };
};

/** The effective tries to which the tickets of an open match have come by now. */
export const triesInMatch = (
  queue: Queue,
  match: OpenMatch,
  now: number,
): ((ticket: Pick<WaitingTicket, "tries">) => number) => {
  const waited = triesWhileOpen(queue, match, now);
  // Who joined later has fewer, as of when the match opened: adding up again what was taken off must not end below.
  return ({ tries }) => Math.max(0, toMillionths(tries + waited));
};

/** So many tries more than when it opened have its members' tickets come to: fractions count on the way to the next. */
export const triesWhileOpen = (
  { retryEveryMs }: Pick<Queue, "retryEveryMs">,
  { openedAt }: Pick<OpenMatch, "openedAt">,
  now: number,
): number => Math.max(0, now - openedAt) / retryEveryMs;

const toMillionths = (tries: number): number => Math.round(tries * 1e6) / 1e6;

const jointOf = (members: readonly Comparable[], region: string | undefined): JointTerms | undefined => {
  let joint: JointTerms | undefined;
  for (const { terms } of members) if (terms) joint = joint ? join(joint, terms) : terms;
  if (!joint?.regions?.places || region === undefined) return joint;
  // It is placed already: only there can others join.
  const places = joint.regions.places.filter((place) => place.region === region);
  return { ...joint, regions: { ...joint.regions, places } };
};
