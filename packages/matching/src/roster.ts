import type { WaitingTicket } from "@muster/core";
import type { Waiting } from "./gather.ts";

/**
 * Waiting tickets with what is read most often of each in columns. A hundred thousand tickets don't fit into the processor's
 * caches, so that each look at all of them costs as much as the first: whoever looks at one notes it here.
 */
export class Roster implements Waiting {
  readonly tickets: readonly WaitingTicket[];
  readonly served: Uint8Array;
  /** In ms since the epoch. */
  readonly createdAt: Float64Array;
  readonly elo: Float64Array;
  /** Searches without a match: see `effectiveTries`. */
  readonly tries: Float64Array;
  /** Average ping of the first player; NaN: unknown. */
  readonly pingMs: Float64Array;

  /** Its columns are empty: each ticket is to be noted. */
  constructor({ tickets, served }: Waiting) {
    this.tickets = tickets;
    this.served = served;
    this.createdAt = new Float64Array(tickets.length);
    this.elo = new Float64Array(tickets.length);
    this.tries = new Float64Array(tickets.length);
    this.pingMs = new Float64Array(tickets.length);
  }

  note(index: number, { createdAt, elo, tries, players }: WaitingTicket): void {
    this.createdAt[index] = createdAt;
    this.elo[index] = elo;
    this.tries[index] = tries;
    this.pingMs[index] = players[0]?.avgPingMs ?? Number.NaN;
  }
}

export const rosterOf = (waiting: Waiting): Roster => {
  const roster = new Roster(waiting);
  for (const [index, ticket] of waiting.tickets.entries()) roster.note(index, ticket);
  return roster;
};
