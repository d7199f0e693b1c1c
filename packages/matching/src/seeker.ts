import type { WaitingTicket } from "@muster/core";
import type { Comparable } from "./compatible.ts";
import type { Criteria } from "./criteria.ts";
import type { Level } from "./ladder.ts";
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
  readonly level: Level;
  /** Place in the order of age: 0 has waited longest. */
  age: number;
  /** False from when a match takes it. */
  free: boolean;
  /** The free neighbours on its level. */
  older: Seeker | undefined;
  younger: Seeker | undefined;
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

/** A seeker that is not on the ladder yet. */
export const toSeeker = (
  ticket: WaitingTicket,
  served: boolean,
  tries: number,
  criteria: Criteria,
  level: Level,
): Seeker => {
  const { elo, pingMinMs, pingMaxMs, terms } = toComparable(ticket, criteria);
  return {
    ticket,
    tries,
    served,
    size: ticket.players.length,
    elo,
    criteria,
    pingMinMs,
    pingMaxMs,
    terms,
    level,
    age: 0,
    free: true,
    older: undefined,
    younger: undefined,
  };
};
