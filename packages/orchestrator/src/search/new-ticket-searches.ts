import type { Queue } from "@muster/core";
import type { Logger } from "@muster/core/service";
import { handOutSearches, type SearchDeps } from "./hand-out-searches.ts";
import type { SearchTicket } from "./search-ticket.ts";

/**
 * Gathers the tickets that have just been enqueued and hands them out together: the first one waits for a few
 * milliseconds of company, and while one hand-out is under way, or the matchmakers are behind, the next one fills. So
 * batches follow the load: single tickets when it is quiet, hundreds when it isn't.
 */
export interface NewTicketSearches {
  add(queue: Queue, ticket: SearchTicket): void;
  /** Hands out what is gathered, then takes no more. */
  close(): Promise<void>;
}

/** More new tickets than this are left to the sweeper: the matchmakers are too far behind to be asked at once. */
const MAX_GATHERED = 5_000;

export const createNewTicketSearches = (deps: SearchDeps, gatherMs: number, log: Logger): NewTicketSearches => {
  const gathered = new Map<Queue, SearchTicket[]>();
  let timer: NodeJS.Timeout | undefined;
  let handingOut: Promise<void> | undefined;
  let closed = false;

  const gather = (queue: Queue, tickets: readonly SearchTicket[]) => {
    if (tickets.length === 0) return;
    const all = gathered.get(queue) ?? [];
    // Added in place: under load thousands gather, one after the other.
    for (const ticket of tickets) if (all.length < MAX_GATHERED) all.push(ticket);
    gathered.set(queue, all);
  };

  const handOut = async () => {
    const batches = [...gathered];
    gathered.clear();
    for (const [queue, tickets] of batches) {
      try {
        gather(queue, await handOutSearches(deps, queue, tickets));
      } catch (error) {
        // Nothing is lost: the tickets are in the queue, and the sweeper takes them when they are due.
        log.warn({ err: error }, "new tickets are left to the sweeper");
      }
    }
  };

  const schedule = () => {
    if (timer || handingOut || gathered.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      handingOut = handOut().finally(() => {
        handingOut = undefined;
        schedule();
      });
    }, gatherMs);
  };

  return {
    add(queue, ticket) {
      if (closed) return;
      gather(queue, [ticket]);
      schedule();
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await handingOut;
      clearTimeout(timer);
      await handOut();
    },
  };
};
