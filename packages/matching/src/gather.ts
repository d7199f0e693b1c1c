import type { WaitingTicket } from "@muster/core";

/** A ticket that waits, and whether it is one that must be served. */
export interface Waiting {
  ticket: WaitingTicket;
  readonly served: boolean;
}

/**
 * The tickets to serve and the candidates as one list, each ticket once.
 *
 * A ticket that comes several times is served if any copy is. Its highest version is kept; of equal versions the copy
 * from `serve`, then the one with more tries.
 */
export const gather = (serve: readonly WaitingTicket[], candidates: readonly WaitingTicket[]): Waiting[] => {
  const byId = new Map<string, Waiting>();
  const add = (ticket: WaitingTicket, served: boolean): void => {
    const known = byId.get(ticket.id);
    if (known === undefined) byId.set(ticket.id, { ticket, served });
    else if (supersedes(ticket, known.ticket, served === known.served)) known.ticket = ticket;
  };
  for (const ticket of serve) add(ticket, true);
  for (const ticket of candidates) add(ticket, false);
  return [...byId.values()];
};

const supersedes = (ticket: WaitingTicket, known: WaitingTicket, sameSource: boolean): boolean =>
  ticket.version > known.version || (sameSource && ticket.version === known.version && ticket.tries > known.tries);
