import type { WaitingTicket } from "@muster/core";
import type { Comparable } from "./compatible.ts";
import type { Criteria } from "./criteria.ts";
import type { Waiting } from "./gather.ts";
import type { Ladder } from "./ladder.ts";
import { termsOf } from "./rules/terms.ts";

/** A waiting ticket with what a search needs at hand, and its place on the ladder. */
export interface Seeker extends Comparable {
  readonly ticket: WaitingTicket;
  /** Effective tries: see `effectiveTries`. */
  readonly tries: number;
  /** A match is built around it; the others only fill matches. */
  readonly served: boolean;
  /** How many players it holds. */
  readonly size: number;
  readonly ladder: Ladder;
  /** Place in the order of age: 0 has waited longest. */
  readonly age: number;
  /** Place on the ladder's line. */
  readonly place: number;
  /** False from when a match takes it. */
  free: boolean;
}

/** What the criteria of its own tries and of others look at. */
export const toComparable = (ticket: WaitingTicket, criteria: Criteria): Comparable => {
  let pingMinMs = Infinity;
  let pingMaxMs = -Infinity;
  for (const { avgPingMs } of ticket.players) {
    if (avgPingMs === undefined) continue;
    pingMinMs = Math.min(pingMinMs, avgPingMs);
    pingMaxMs = Math.max(pingMaxMs, avgPingMs);
  }
  return { elo: ticket.elo, criteria, pingMinMs, pingMaxMs, terms: termsOf(ticket, criteria) };
};

export const toSeeker = (
  { ticket, served }: Waiting,
  tries: number,
  criteria: Criteria,
  ladder: Ladder,
  age: number,
): Seeker => {
  const { elo, pingMinMs, pingMaxMs, terms } = toComparable(ticket, criteria);
  const place = ladder.line.places[age] ?? 0;
  const size = ticket.players.length;
  return { ticket, tries, served, size, elo, criteria, pingMinMs, pingMaxMs, terms, ladder, age, place, free: true };
};
