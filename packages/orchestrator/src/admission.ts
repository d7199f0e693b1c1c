import { MusterError, type Queue, type Queues } from "@muster/core";
import type { Logger } from "@muster/core/service";
import type { Store } from "@muster/store";
import type { NewTicketSearches } from "./search/new-ticket-searches.ts";

/** Admission to the queues of all partitions: one that can't keep up must not keep out who queues in another. */
export interface Admissions {
  /** What so many new tickets for this queue are answered with; undefined when they may come in. */
  refusal(queue: Pick<Queue, "partition">, tickets: number): MusterError | undefined;
}

/** How often the sweeper's work is looked at while tickets come, and how old the last look may be to count. */
const LOOK_EVERY_MS = 100;
const LOOK_COUNTS_MS = 1_000;
/** After this long a client may as well ask: what is measured now says little of then. */
const LONGEST_RETRY_S = 60;

/**
 * Lets tickets in as long as Muster keeps up with searching for them, and refuses them beyond that. So what is offered
 * too much costs those who are in neither their time nor their order, and nothing grows without bound.
 */
export interface Admission {
  /** What so many new tickets are answered with; undefined when they may come in. */
  refusal(tickets: number): MusterError | undefined;
  /** How many tickets it has refused. */
  refused(): number;
  /** How long a ticket that comes now would wait for its first search, ms. */
  delayMs(): number;
}

export interface AdmissionDeps {
  store: Pick<Store, "countOverdue" | "clock">;
  searches: Pick<NewTicketSearches, "delayMs">;
  queues: Queues;
  log: Logger;
}

/**
 * Admission by delay as it is measured, not by a number of tickets: how many are too many depends on machines, queues
 * and players. New tickets wait here, at this orchestrator, for room in the matchmakers' jobs, which in turn wait for the
 * mover; those who have waited here for too long wait in Redis, for the sweeper.
 */
export const createAdmission = ({ store, searches, queues, log }: AdmissionDeps, maxDelayMs: number): Admission => {
  const { clock } = store;
  const names = [...queues.keys()];
  let askedAt = -Infinity;
  let seen = { at: -Infinity, tickets: 0 };
  let isOpen = true;
  let refused = 0;

  /** Asked while tickets come, and with each heartbeat; never waited for. */
  const look = () => {
    askedAt = clock.now();
    store.countOverdue(names).then(
      (tickets) => {
        seen = { at: clock.now(), tickets };
      },
      // Without Redis nothing is let in anyway.
      () => {},
    );
  };

  const delayMs = () => {
    const now = clock.now();
    if (now - askedAt >= LOOK_EVERY_MS) look();
    return searches.delayMs(now - seen.at < LOOK_COUNTS_MS ? seen.tickets : 0);
  };

  return {
    delayMs,
    refused: () => refused,
    refusal(tickets) {
      const ms = Math.round(delayMs());
      const wasOpen = isOpen;
      isOpen = ms <= maxDelayMs;
      if (isOpen !== wasOpen) {
        if (isOpen) log.info({ delayMs: ms }, "new tickets are let in again");
        else
          log.warn(
            { delayMs: ms, maxDelayMs, overdue: seen.tickets },
            "new tickets are refused: searches are too far behind",
          );
      }
      if (isOpen) return undefined;
      refused += tickets;
      const retryAfterS = Math.min(LONGEST_RETRY_S, Math.max(1, Math.ceil(ms / 1_000)));
      return new MusterError(
        "OVERLOADED",
        `More players come than matches can be searched for: a new ticket would wait ${(ms / 1_000).toFixed(1)} s for its first search. Those who wait already are served first. Try again in ${retryAfterS} s.`,
        { retryAfterS },
      );
    },
  };
};
