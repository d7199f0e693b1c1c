import { conflictShareOf } from "./commit-counts.ts";
import type { HistoryPoint, QueueView } from "./frames.ts";

/** Seconds of a point, and how long points are kept. */
export const POINT_MS = 5_000;
export const KEPT_MS = 15 * 60_000;

type Counted = "arrivals" | "matches" | "conflicts" | "cancelled" | "expired";

/** What happened in one queue over the last quarter of an hour, in points of five seconds. */
export class QueueHistory {
  readonly #points: HistoryPoint[] = [];
  /** Of the last matches, and their sum. */
  readonly #gaps: number[] = [];
  #gapSum = 0;
  #quietFrom: number | undefined;

  count(what: Counted, at: number, times = 1): void {
    this.#pointAt(at)[what] += times;
  }

  /** @param eloGap absent where nobody has an elo */
  matched(eloGap: number | undefined, at: number): void {
    const point = this.#pointAt(at);
    this.#quietFrom = at;
    point.matches += 1;
    if (eloGap === undefined) return;
    this.#gaps.push(eloGap);
    this.#gapSum += eloGap;
    if (this.#gaps.length > 200) this.#gapSum -= this.#gaps.shift() ?? 0;
    point.eloGap = this.eloGap();
  }

  /** Somebody joined a match that had begun: the queue moves on, and no match is made. */
  joined(at: number): void {
    this.#quietFrom = at;
  }

  /** Since the last match, or since the first look. */
  sinceMatchMs(now: number): number {
    this.#quietFrom ??= now;
    return Math.max(0, now - this.#quietFrom);
  }

  /** How the queue stands. */
  stands(depth: number, waitMs: QueueView["waitMs"], at: number): void {
    const point = this.#pointAt(at);
    point.depth = depth;
    point.waitP50Ms = waitMs?.p50 ?? null;
    point.waitP90Ms = waitMs?.p90 ?? null;
    point.waitP99Ms = waitMs?.p99 ?? null;
  }

  /** Mean of the last 200 matches; null before the first. */
  eloGap(): number | null {
    return this.#gaps.length === 0 ? null : Math.max(0, this.#gapSum / this.#gaps.length);
  }

  /** Of the last minute. */
  perSecond(what: "arrivals" | "matches", now: number): number {
    const points = this.#lately(now);
    const from = points[0]?.at ?? now;
    const seconds = Math.max(POINT_MS, Math.min(60_000, now - from)) / 1_000;
    return points.reduce((sum, point) => sum + point[what], 0) / seconds;
  }

  /** Conflicts of all that was proposed in the last minute, 0 to 1; null when nothing was. */
  conflictShare(now: number): number | null {
    const points = this.#lately(now);
    const total = (what: "matches" | "conflicts") => points.reduce((sum, point) => sum + point[what], 0);
    return conflictShareOf({ matches: total("matches"), conflicts: total("conflicts") });
  }

  sum(what: Counted): number {
    return this.#points.reduce((sum, point) => sum + point[what], 0);
  }

  get points(): readonly HistoryPoint[] {
    return this.#points;
  }

  #lately(now: number): HistoryPoint[] {
    return this.#points.filter(({ at }) => at > now - 60_000);
  }

  /** What is from before the newest point counts into that: events may come late, but time doesn't run back. */
  #pointAt(at: number): HistoryPoint {
    const begin = Math.floor(at / POINT_MS) * POINT_MS;
    const last = this.#points.at(-1);
    if (last && last.at >= begin) return last;
    const { depth = 0, waitP50Ms = null, waitP90Ms = null, waitP99Ms = null, eloGap = null } = last ?? {};
    const counts = { arrivals: 0, matches: 0, conflicts: 0, cancelled: 0, expired: 0 };
    const point = { at: begin, depth, ...counts, waitP50Ms, waitP90Ms, waitP99Ms, eloGap };
    this.#points.push(point);
    while ((this.#points[0]?.at ?? begin) < begin - KEPT_MS) this.#points.shift();
    return point;
  }
}
