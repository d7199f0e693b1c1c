import {
  effectiveTries,
  isInstant,
  type Queue,
  type Ticket,
  ticketElo,
  toWaiting,
  type WaitingTicket,
} from "@muster/core";
import { packTicket, type Store } from "@muster/store";
import { handOutSearches, roomForSearches, type SearchDeps } from "../search/hand-out-searches.ts";

/** Tickets taken at a time for each job that there is room for: so few that a sweep never holds up Redis for long. */
const TICKETS_PER_JOB = 50;

export interface SweepDeps extends SearchDeps {
  store: SearchDeps["store"] & Pick<Store, "claimDue" | "endTicket" | "retryTickets" | "clock">;
}

/**
 * Takes the tickets that have been due the longest, as many as the matchmakers have room for: those past their deadline
 * expire, and those whose players have been away for too long; the others are searched for, unless a player of them is
 * away, or go back to wait with one try more where it is plain that nobody in reach suits them. So it is the next try after a search without a match, and what makes up for a lost job or a dead worker.
 */
export const sweepQueue = async (deps: SweepDeps, queue: Queue): Promise<void> => {
  const { store } = deps;
  // At least one job's worth, so that tickets expire in time however far behind the matchmakers are.
  const room = Math.max(1, await roomForSearches(deps));
  const tickets = await store.claimDue(queue.name, room * TICKETS_PER_JOB);
  const now = store.clock.now();
  const over = tickets.filter((ticket) => ticket.expiresAt <= now);
  const left = tickets.filter(({ expiresAt, awayUntil = Infinity }) => expiresAt > now && awayUntil <= now);
  const ends = await Promise.allSettled([
    ...over.map((ticket) => store.endTicket(ticket.id, "expired")),
    ...left.map((ticket) => store.endTicket(ticket.id, "expired", "disconnected")),
  ]);
  // Who waits for an instant match is claimed by those who wait.
  if (!isInstant(queue)) await handOut(deps, queue, tickets, now);
  // One that can't be ended keeps nobody from being searched for.
  for (const end of ends) if (end.status === "rejected") throw end.reason;
};

const handOut = async (deps: SweepDeps, queue: Queue, tickets: readonly Ticket[], now: number): Promise<void> => {
  const waiting = tickets.filter((ticket) => ticket.expiresAt > now && !ticket.away);
  const searched = waiting.map((ticket) => ({
    elo: ticketElo(ticket.players),
    since: ticket.createdAt,
    tries: effectiveTries(queue, ticket, now),
    packed: packTicket({ ...ticket, ...toWaiting(queue, ticket) }),
    packedAt: now,
  }));
  // In a quiet queue nearly nobody is in reach of who waits, and all are looked after every second.
  const sendBack = (hopeless: readonly WaitingTicket[]) =>
    deps.store.retryTickets(queue.name, hopeless, { dueAt: now + queue.retryEveryMs, countTry: true });
  // For whom there is no room after all, they are due again.
  await handOutSearches(deps, queue, searched, sendBack);
};
