import { type Queue, ticketElo } from "@muster/core";
import { packTicket, type Store } from "@muster/store";
import { handOutSearches, type SearchDeps } from "../search/hand-out-searches.ts";

/** Tickets taken at a time: enough for a few jobs, so few that one sweep never holds up Redis or the process. */
export const SWEEP_LIMIT = 500;

export interface SweepDeps extends SearchDeps {
  store: SearchDeps["store"] & Pick<Store, "claimDue" | "endTicket" | "clock">;
}

export interface Sweep {
  claimed: number;
  expired: number;
}

/**
 * Takes the tickets that have been due the longest: those past their deadline expire, the others are searched for. So
 * it is the next try after a search without a match, and what makes up for a lost job or a dead worker.
 */
export const sweepQueue = async (deps: SweepDeps, queue: Queue): Promise<Sweep> => {
  const { store } = deps;
  const tickets = await store.claimDue(queue.name, SWEEP_LIMIT);
  const now = store.clock.now();
  const over = tickets.filter((ticket) => ticket.expiresAt <= now);
  await Promise.all(over.map((ticket) => store.endTicket(ticket.id, "expired")));
  const waiting = tickets.filter((ticket) => ticket.expiresAt > now);
  await handOutSearches(
    deps,
    queue,
    waiting.map((ticket) => ({ elo: ticketElo(ticket.players), tries: ticket.tries, packed: packTicket(ticket) })),
  );
  return { claimed: tickets.length, expired: over.length };
};
