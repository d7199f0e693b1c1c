import type { WaitingPlayer, WaitingTicket } from "@muster/core";
import type { Comparable, PingRange } from "./compatible.ts";
import type { Criteria } from "./criteria.ts";
import type { Level } from "./ladder.ts";
import type { Roster } from "./roster.ts";
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
  readonly age: number;
  /** False from when a match takes it. */
  free: boolean;
  /** The free neighbours on its level. */
  older: Seeker | undefined;
  younger: Seeker | undefined;
}

/** What the criteria of its own tries and of others look at. */
export const toComparable = (ticket: WaitingTicket, criteria: Criteria): Comparable => {
  const { pingMinMs, pingMaxMs } = pingRangeOf(ticket.players);
  return { elo: ticket.elo, criteria, pingMinMs, pingMaxMs, terms: termsOf(ticket, criteria) };
};

export const pingRangeOf = (players: readonly WaitingPlayer[]): PingRange => {
  let pingMinMs = Infinity;
  let pingMaxMs = -Infinity;
  for (const { avgPingMs } of players) {
    if (avgPingMs === undefined) continue;
    pingMinMs = Math.min(pingMinMs, avgPingMs);
    pingMaxMs = Math.max(pingMaxMs, avgPingMs);
  }
  return { pingMinMs, pingMaxMs };
};

/** @param pingMs NaN: unknown */
export const soloPingRange = (pingMs: number): PingRange =>
  Number.isNaN(pingMs) ? { pingMinMs: Infinity, pingMaxMs: -Infinity } : { pingMinMs: pingMs, pingMaxMs: pingMs };

/**
 * A seeker that is not on the ladder yet.
 *
 * @param age its place on the roster
 * @param tries effective ones
 */
export const toSeeker = (
  roster: Roster,
  age: number,
  ticket: WaitingTicket,
  tries: number,
  criteria: Criteria,
  level: Level,
): Seeker => {
  const size = roster.size[age] ?? 0;
  // A solo ticket is not looked at again: see `Roster`.
  const { pingMinMs, pingMaxMs } = size === 1 ? soloPingRange(roster.pingMs[age] ?? 0) : pingRangeOf(ticket.players);
  return {
    ticket,
    tries,
    served: roster.served[age] === 1,
    size,
    elo: roster.elo[age] ?? 0,
    criteria,
    pingMinMs,
    pingMaxMs,
    terms: termsOf(ticket, criteria),
    level,
    age,
    free: true,
    older: undefined,
    younger: undefined,
  };
};
