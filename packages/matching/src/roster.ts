import type { WaitingTicket } from "@muster/core";

/** Tickets that wait. */
export interface Waiting {
  readonly tickets: readonly WaitingTicket[];
  /** For each of them, 1 if it is one that must be served, or 0. */
  readonly served: Uint8Array;
}

/**
 * Waiting tickets with what is read most often of each in columns. A hundred thousand tickets don't fit into the processor's
 * caches, so that each look at all of them costs as much as the first: whoever looks at one notes it here.
 */
export class Roster implements Waiting {
  readonly tickets: readonly WaitingTicket[];
  readonly served: Uint8Array;
  /** In ms since the epoch; Infinity for a time that is no number. */
  readonly createdAt: Float64Array;
  readonly elo: Float64Array;
  /** Searches without a match: see `effectiveTries`. */
  readonly tries: Float64Array;
  /** Average ping of the first player; NaN: unknown. */
  readonly pingMs: Float64Array;
  /** Players. */
  readonly size: Uint32Array;
  /** Whether any ticket, here or where they were picked from, says by name which teams it accepts. */
  withNames = false;

  /** Its columns are empty: each ticket is to be noted. */
  constructor({ tickets, served }: Waiting) {
    this.tickets = tickets;
    this.served = served;
    this.createdAt = new Float64Array(tickets.length);
    this.elo = new Float64Array(tickets.length);
    this.tries = new Float64Array(tickets.length);
    this.pingMs = new Float64Array(tickets.length);
    this.size = new Uint32Array(tickets.length);
  }

  note(index: number, { createdAt, elo, tries, players, teams }: WaitingTicket): void {
    this.createdAt[index] = Number.isFinite(createdAt) ? createdAt : Infinity;
    this.elo[index] = elo;
    this.tries[index] = tries;
    this.pingMs[index] = players[0]?.avgPingMs ?? Number.NaN;
    this.size[index] = players.length;
    if (teams !== undefined) this.withNames = true;
  }

  /** These of its tickets, in this order. */
  pick(indexes: Uint32Array): Roster {
    const picked = new Roster(pickWaiting(this, indexes));
    picked.withNames = this.withNames;
    for (let place = 0; place < indexes.length; place++) {
      const index = indexes[place] ?? 0;
      picked.createdAt[place] = this.createdAt[index] ?? 0;
      picked.elo[place] = this.elo[index] ?? 0;
      picked.tries[place] = this.tries[index] ?? 0;
      picked.pingMs[place] = this.pingMs[index] ?? 0;
      picked.size[place] = this.size[index] ?? 0;
    }
    return picked;
  }
}

export const rosterOf = (waiting: Waiting): Roster => {
  const roster = new Roster(waiting);
  for (const [index, ticket] of waiting.tickets.entries()) roster.note(index, ticket);
  return roster;
};

export const pickWaiting = ({ tickets, served }: Waiting, indexes: Uint32Array): Waiting => {
  const picked: WaitingTicket[] = [];
  for (const index of indexes) {
    const ticket = tickets[index];
    if (ticket !== undefined) picked.push(ticket);
  }
  return { tickets: picked, served: Uint8Array.from(indexes, (index) => served[index] ?? 0) };
};
