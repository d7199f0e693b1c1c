import type { LeftPoint, WaitingPoint } from "./frames.ts";

/** More than a page can draw: beyond it only their number is known. */
export const MAX_SHOWN = 5_000;
/** How often a ticket is looked at again, in case that its end was missed. */
const VERIFY_AFTER_MS = 10_000;

/** The tickets that wait, as far as they are shown. */
export class WaitingTickets {
  readonly #shown = new Map<string, WaitingPoint>();
  /** When each was seen in Redis last, the longest ago first. */
  readonly #verified = new Map<string, number>();
  #entered: WaitingPoint[] = [];
  #left: LeftPoint[] = [];

  has(id: string): boolean {
    return this.#shown.has(id);
  }

  countByQueue(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { queue } of this.#shown.values()) counts.set(queue, (counts.get(queue) ?? 0) + 1);
    return counts;
  }

  /** @returns false when it is shown already, or there is no room */
  enter(point: WaitingPoint, now: number): boolean {
    if (this.#shown.has(point.id) || this.#shown.size >= MAX_SHOWN) return false;
    this.#shown.set(point.id, point);
    this.#verified.set(point.id, now);
    this.#entered.push(point);
    return true;
  }

  leave(left: LeftPoint): void {
    if (!this.#shown.delete(left.id)) return;
    this.#verified.delete(left.id);
    // Who came and went within one frame is told of all the same: that is most of them in a busy queue.
    this.#left.push(left);
  }

  /** Those whose last look is longest ago, at most so many. */
  doubtful(limit: number, now: number): string[] {
    const ids: string[] = [];
    for (const [id, at] of this.#verified) {
      if (ids.length >= limit || at > now - VERIFY_AFTER_MS) break;
      ids.push(id);
    }
    return ids;
  }

  /** It still waits. */
  confirm(id: string, now: number): void {
    if (!this.#verified.delete(id)) return;
    this.#verified.set(id, now);
  }

  /** What happened since the last call. */
  takeChanges(): { entered: WaitingPoint[]; left: LeftPoint[] } {
    const changes = { entered: this.#entered, left: this.#left };
    this.#entered = [];
    this.#left = [];
    return changes;
  }

  get all(): WaitingPoint[] {
    return [...this.#shown.values()];
  }
}
