import { type Queues, settleMatch } from "@muster/core";
import type { Logger } from "@muster/core/service";
import type { Store } from "@muster/store";
import { type SweepDeps, sweepQueue } from "./sweep-queue.ts";

/** Never longer asleep than this, since a ticket may come due sooner than any that waited when it went to sleep. */
const MAX_SLEEP_MS = 200;
/** Never shorter, so that tickets which come due one by one are taken together. */
const MIN_SLEEP_MS = 20;
/** While Redis is gone. */
const RETRY_MS = 1_000;
/** Matches settled at a time. */
const MATCHES_LIMIT = 100;
/** How often is looked for players whose connection was lost with the process that held it. */
const LOST_EVERY_MS = 1_000;
const LOST_LIMIT = 500;

export interface SweepingDeps extends SweepDeps {
  store: SweepDeps["store"] & Pick<Store, "readSchedule" | "changeMatch" | "disconnectLost">;
}

/** Sweeps all queues, round after round, and settles what has come due of matches, until it is closed. */
export const startSweeping = (deps: SweepingDeps, queues: Queues, log: Logger): { close(): Promise<void> } => {
  const { store } = deps;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let lostAt = 0;

  /** What comes due of one match may be several things, each a change of its own: the next round has the others. */
  const settle = (match: string) => store.changeMatch(match, (name) => queues.get(name), settleMatch);

  /** @returns ms until there may be something to do again */
  const round = async (): Promise<number> => {
    if (store.clock.now() >= lostAt) {
      const found = await store.disconnectLost((name) => queues.get(name), LOST_LIMIT);
      lostAt = found < LOST_LIMIT ? store.clock.now() + LOST_EVERY_MS : 0;
    }
    const { dueAt, matchesDue } = await store.readSchedule([...queues.keys()], MATCHES_LIMIT);
    const settled = await Promise.allSettled(matchesDue.map(settle));
    // One that can't be settled must hold up neither the others nor the queues.
    const failed = settled.filter((outcome) => outcome.status === "rejected");
    if (failed[0]) log.warn({ err: failed[0].reason, matches: failed.length }, "matches could not be settled");
    const now = store.clock.now();
    let nextAt = matchesDue.length > 0 ? now : Infinity;
    for (const [name, queueDueAt] of dueAt) {
      const queue = queues.get(name);
      if (queue && queueDueAt <= now) await sweepQueue(deps, queue);
      nextAt = Math.min(nextAt, queueDueAt);
    }
    return Math.min(MAX_SLEEP_MS, Math.max(MIN_SLEEP_MS, nextAt - now));
  };

  let running: Promise<void> = Promise.resolve();
  const next = (sleepMs: number) => {
    if (closed) return;
    timer = setTimeout(() => {
      running = round()
        .catch((error) => {
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
