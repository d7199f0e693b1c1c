import { MusterError, type Queues } from "@muster/core";
import type { Logger } from "@muster/core/service";
import type { Overdue, Store } from "@muster/store";
import type { NewTicketSearches } from "./search/new-ticket-searches.ts";

/** How often the sweeper's work is looked at while tickets come, and how old the last look may be to count. */
const LOOK_EVERY_MS = 100;
const LOOK_COUNTS_MS = 1_000;
/** So late a sweeper may be when it comes back: new tickets are searched for without it. */
const SWEEPER_MAY_BE_AWAY_MS = 5_000;
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
  store: Pick<Store, "readOverdue" | "clock">;
  searches: Pick<NewTicketSearches, "delayMs">;
  queues: Queues;
  log: Logger;
}

/**
 * Admission by delay as it is measured, not by a number of tickets: how many are too many depends on machines, queues
 * and players. Two things can be behind. New tickets wait here, at this orchestrator, for room in the matchmakers' jobs,
 * which in turn wait for the mover. And those that came due again wait in Redis, for the sweeper.
 */
export const createAdmission = ({ store, searches, queues, log }: AdmissionDeps, maxDelayMs: number): Admission => {
  const { clock } = store;
  const names = [...queues.keys()];
  let askedAt = -Infinity;
  let seen: Overdue & { at: number } = { at: -Infinity, tickets: 0, forMs: 0 };
  let isOpen = true;
  let refused = 0;

  /** Asked only while tickets come, and never waited for. */
  const look = () => {
    askedAt = clock.now();
    store.readOverdue(names).then(
      (overdue) => {
        seen = { at: clock.now(), ...overdue };
      },
      // Without Redis nothing is let in anyway.
      () => {},
    );
  };

  const delayMs = () => {
    const now = clock.now();
    if (now - askedAt >= LOOK_EVERY_MS) look();
    const { tickets, forMs } = now - seen.at < LOOK_COUNTS_MS ? seen : { tickets: 0, forMs: 0 };
    return Math.max(searches.delayMs(tickets), forMs - SWEEPER_MAY_BE_AWAY_MS, 0);
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
            { delayMs: ms, maxDelayMs, overdue: seen.tickets, overdueMs: seen.forMs },
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
