/** Time over which the pace is smoothed. */
const SMOOTHED_OVER_MS = 1_000;
/** A longer halt says nothing of the pace: how long the oldest has waited tells of that. */
const LONGEST_HALT_MS = 1_000;

/**
 * How fast tickets are handed out while there are more of them than there is room for, smoothed exponentially. While
 * there is room the pace is that of the players' coming, and tells nothing of what could be done.
 */
export class Pace {
  #perMs: number | undefined;

  /** So many were handed out in so long a time, at the end of which others were left over. */
  note(handedOut: number, elapsedMs: number): void {
    if (elapsedMs <= 0) return;
    const perMs = handedOut / elapsedMs;
    const weight = 1 - Math.exp(-Math.min(elapsedMs, LONGEST_HALT_MS) / SMOOTHED_OVER_MS);
    this.#perMs = this.#perMs === undefined ? perMs : this.#perMs + weight * (perMs - this.#perMs);
  }

  /** How long so many tickets will take; 0 for none, and while it can't be told. */
  msFor(tickets: number): number {
    return this.#perMs ? Math.max(0, tickets) / this.#perMs : 0;
  }
}
