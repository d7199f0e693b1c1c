import type { QueueAnswer } from "@muster/core";

/**
 * How much longer a ticket will wait in the median, judged by the tickets that were matched lately: of those that waited
 * at least as long as it has by now, half were matched within this time from then on.
 *
 * The store tells three percentiles of recent waits. Between them, and from 0, the distribution is taken for linear: a
 * ticket at its share q of it has its median at the share q + (1 − q) / 2. For a new ticket that is the median wait. The
 * queue may have changed since, and waits of tickets that expired are in no statistics; so it is an estimate, and a low
 * one where many expire.
 *
 * @returns ms; null when nothing was matched lately, or when hardly any of those waited so long
 */
export const estimateRemainingMs = (recent: QueueAnswer["waitMs"], waitedMs: number): number | null => {
  if (!recent) return null;
  const points: Point[] = [
    { waitMs: 0, share: 0 },
    { waitMs: recent.p50, share: 0.5 },
    { waitMs: recent.p90, share: 0.9 },
    { waitMs: recent.p99, share: 0.99 },
  ];
  const share = shareWithin(points, waitedMs);
  const median = share + (1 - share) / 2;
  const to = points.findIndex((point) => point.share >= median);
  const [below, above] = [points[to - 1], points[to]];
  if (!below || !above) return null;
  const part = (median - below.share) / (above.share - below.share);
  return Math.round(below.waitMs + part * (above.waitMs - below.waitMs) - waitedMs);
};

interface Point {
  readonly waitMs: number;
  /** Share of the tickets that waited no longer. */
  readonly share: number;
}

const shareWithin = (points: readonly Point[], waitMs: number): number => {
  const to = points.findIndex((point) => point.waitMs > waitMs);
  const [below, above] = [points[to - 1], points[to]];
  if (!below || !above) return 1;
  return below.share + ((waitMs - below.waitMs) / (above.waitMs - below.waitMs)) * (above.share - below.share);
};
