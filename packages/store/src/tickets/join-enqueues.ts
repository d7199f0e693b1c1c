import type { Queue } from "@muster/core";
import { type EnqueueOutcome, type NewTicket, TICKETS_PER_CALL } from "./enqueue-tickets.ts";

type Enqueue = (queue: Queue, tickets: readonly NewTicket[]) => Promise<EnqueueOutcome[]>;

interface Joined {
  readonly tickets: NewTicket[];
  readonly ids: Set<string>;
  readonly outcomes: Promise<EnqueueOutcome[]>;
}

/**
 * Lets what is enqueued into one queue in one turn of the event loop go to Redis by one call: of a single ticket the call
 * costs more than the ticket, and under load several requests are read in a turn. While it is quiet each goes alone.
 *
 * Their fate is common only where Redis can't be used: otherwise each ticket has its own outcome.
 */
export const joinEnqueues = (enqueue: Enqueue): Enqueue => {
  const gathering = new Map<Queue, Joined>();

  const begin = (queue: Queue): Joined => {
    const tickets: NewTicket[] = [];
    const outcomes = new Promise<void>(setImmediate).then(() => {
      if (gathering.get(queue) === joined) gathering.delete(queue);
      return enqueue(queue, tickets);
    });
    const joined: Joined = { tickets, ids: new Set(), outcomes };
    gathering.set(queue, joined);
    return joined;
  };
  /** A request that is repeated must find what the first one left, so it goes after it. */
  const fits = ({ tickets, ids }: Joined, more: readonly NewTicket[]) =>
    tickets.length + more.length <= TICKETS_PER_CALL && more.every(({ id }) => !ids.has(id));

  return async (queue, tickets) => {
    if (tickets.length >= TICKETS_PER_CALL) return enqueue(queue, tickets);
    const open = gathering.get(queue);
    const joined = open && fits(open, tickets) ? open : begin(queue);
    const from = joined.tickets.length;
    for (const ticket of tickets) {
      joined.tickets.push(ticket);
      joined.ids.add(ticket.id);
    }
    return (await joined.outcomes).slice(from, from + tickets.length);
  };
};
