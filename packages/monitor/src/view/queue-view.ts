import { isInstant, type Queue, usesRegions } from "@muster/core";
import type { QueueView, WaitingPoint } from "./frames.ts";
import type { QueueHistory } from "./queue-history.ts";

type Standing = Pick<QueueView, "depth" | "openMatches" | "waitMs">;

/** A queue as pages show it. */
export const toQueueView = (
  queue: Queue,
  history: QueueHistory,
  standing: Standing,
  shown: readonly WaitingPoint[],
  now: number,
): QueueView => ({
  ...{ name: queue.name, title: queue.title ?? queue.name, retryEveryMs: queue.retryEveryMs, ...standing },
  ...{ hasElo: !isInstant(queue), maxPartySize: queue.maxPartySize },
  size: queue.teamShapes.reduce((sum, { max }) => sum + max, 0),
  spreads: queue.steps.map(({ fromTry, afterMs, eloSpread }) => ({
    fromTry: fromTry ?? (afterMs ?? 0) / queue.retryEveryMs,
    ...(eloSpread !== undefined && { eloSpread }),
  })),
  regions: usesRegions(queue) ? Object.keys(queue.regions) : [],
  conflictShare: history.conflictShare(now),
  perSecond: { arrivals: history.perSecond("arrivals", now), matches: history.perSecond("matches", now) },
  cancelled: history.sum("cancelled"),
  expired: history.sum("expired"),
  eloGap: history.eloGap(),
  sinceMatchMs: history.sinceMatchMs(now),
  tries: triesOf(queue, shown, now),
});

/** By the time that each has waited: one try for each `retryEveryMs`. */
const triesOf = (queue: Queue, waiting: readonly WaitingPoint[], now: number): number[] => {
  const counts = [0, 0, 0, 0, 0, 0];
  for (const point of waiting) {
    const tries = Math.max(0, Math.floor((now - point.since) / queue.retryEveryMs));
    const bin = Math.min(counts.length - 1, tries === 0 ? 0 : Math.floor(Math.log2(tries)) + 1);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
};
