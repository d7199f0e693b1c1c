import { type Queues, settleMatch } from "@muster/core";
import type { Logger } from "@muster/core/service";
import { PRESENT_FOR_MS, type Store } from "@muster/store";
import { type SweepDeps, sweepQueue } from "./sweep-queue.ts";

/** Never longer asleep than this, since a ticket may come due sooner than any that waited when it went to sleep. */
const MAX_SLEEP_MS = 200;
/** Never shorter, so that tickets which come due one by one are taken together. */
const MIN_SLEEP_MS = 20;
/** While Redis is gone, and for a part of the work that failed by itself. */
const RETRY_MS = 1_000;
/** Matches settled at a time. */
const MATCHES_LIMIT = 100;
/** How often is looked for players whose connection was lost with the process that held it. */
const LOST_EVERY_MS = 1_000;
const LOST_LIMIT = 500;
/** How often is looked for records that are kept no longer, and of how many commits they are dropped at a time: in a millisecond. */
const DROP_EVERY_MS = 1_000;
const DROP_LIMIT = 20;
const DROPS = "records that are kept no longer";

export interface SweepingDeps extends SweepDeps {
  store: SweepDeps["store"] & Pick<Store, "readSchedule" | "changeMatch" | "disconnectLost" | "dropEnded">;
}

/**
 * Settles what has come due of matches, sweeps all queues, looks for players whose connection was lost and drops what is
 * kept no longer, round after round, until it is closed. What of it fails holds up nothing else, and is tried again a second later.
 */
export const startSweeping = (deps: SweepingDeps, queues: Queues, log: Logger): { close(): Promise<void> } => {
  const { store } = deps;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let lostAt = 0;
  let dropAt = 0;
  /** Redis was gone since the last round that could read what is due, or may have been before the first. */
  let wasGone = true;
  /** Until when what failed is left alone, by its name. */
  const restUntil = new Map<string, number>();

  /** @param what names it in the log */
  const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    if (restUntil.has(what)) return;
    await work().catch((error) => {
      restUntil.set(what, store.clock.now() + RETRY_MS);
      log.warn({ err: error, what }, "a part of a sweep failed; it is tried again");
    });
  };

  const markLost = async () => {
    const found = await store.disconnectLost((name) => queues.get(name), LOST_LIMIT);
    lostAt = found < LOST_LIMIT ? store.clock.now() + LOST_EVERY_MS : 0;
  };

  const dropEnded = async () => {
    const dropped = await store.dropEnded(DROP_LIMIT);
    dropAt = dropped < DROP_LIMIT ? store.clock.now() + DROP_EVERY_MS : 0;
  };

  /** What comes due of one match may be several things, each a change of its own: the next round has the others. */
  const settle = (match: string) => store.changeMatch(match, (name) => queues.get(name), settleMatch);

  /** @returns ms until there may be something to do again */
  const round = async (): Promise<number> => {
    for (const [what, until] of restUntil) if (until <= store.clock.now()) restUntil.delete(what);
    const { dueAt, matchesDue } = await store.readSchedule([...queues.keys()], MATCHES_LIMIT);
    // Nobody could say meanwhile who is there: whoever holds players says so again before they can be lost.
    if (wasGone) lostAt = store.clock.now() + PRESENT_FOR_MS;
    wasGone = false;
    await Promise.all(matchesDue.map((match) => attempt(`match ${match}`, () => settle(match))));
    const now = store.clock.now();
    let nextAt = matchesDue.every((match) => restUntil.has(`match ${match}`)) ? Infinity : now;
    for (const [name, queueDueAt] of dueAt) {
      const queue = queues.get(name);
      if (queue && queueDueAt <= now) await attempt(`queue ${name}`, () => sweepQueue(deps, queue));
      if (!restUntil.has(`queue ${name}`)) nextAt = Math.min(nextAt, queueDueAt);
    }
    if (store.clock.now() >= lostAt) await attempt("players whose connection was lost", markLost);
    if (store.clock.now() >= dropAt) await attempt(DROPS, dropEnded);
    if (dropAt === 0 && !restUntil.has(DROPS)) nextAt = now;
    return Math.min(MAX_SLEEP_MS, Math.max(MIN_SLEEP_MS, nextAt - now));
  };

  let running: Promise<void> = Promise.resolve();
  const next = (sleepMs: number) => {
    if (closed) return;
    timer = setTimeout(() => {
      running = round()
        .catch((error) => {
          wasGone = true;
          log.warn({ err: error }, "a sweep failed; the tickets stay due");
          return RETRY_MS;
        })
        .then(next);
    }, sleepMs);
  };
  next(0);

  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
};
