import type { Queues } from "@muster/core";
import type { QueueView, WaitingPoint } from "./frames.ts";

/** Sweepers expire tickets a little late when there is much to do. */
const EXPIRED_BY_MS = 10_000;
/** A ticket is left over when it has waited so long, and so many times longer than nearly all others. */
const LEFT_OVER = { leastMs: 60_000, times: 5 };

export interface Stuck {
  ticket: string;
  queue: string;
  waitedMs: number;
  /** It should have expired. Otherwise it is left over: others of its queue are matched all the while. */
  isOverdue: boolean;
}

/** Of each queue the ticket that waits longest, if that is longer than it should. */
export const findStuck = (
  waiting: readonly WaitingPoint[],
  queues: Queues,
  views: readonly QueueView[],
  now: number,
): Stuck[] => {
  const longest = new Map<string, WaitingPoint>();
  for (const point of waiting) {
    if (point.since < (longest.get(point.queue)?.since ?? Number.POSITIVE_INFINITY)) longest.set(point.queue, point);
  }
  return [...longest.values()].flatMap(({ id: ticket, queue, since }): Stuck[] => {
    const waitedMs = now - since;
    const { expireAfterMs = Number.POSITIVE_INFINITY } = queues.get(queue) ?? {};
    if (waitedMs > expireAfterMs + EXPIRED_BY_MS) return [{ ticket, queue, waitedMs, isOverdue: true }];
    const view = views.find(({ name }) => name === queue);
    // Whom a user likes is no matter of time.
    if (!view?.waitMs || !view.hasElo || view.perSecond.matches === 0) return [];
    const isLeftOver = waitedMs > Math.max(LEFT_OVER.leastMs, LEFT_OVER.times * view.waitMs.p99);
    return isLeftOver ? [{ ticket, queue, waitedMs, isOverdue: false }] : [];
  });
};
