import type { UserProfile, WaitlistEntry } from "@muster/core";
import { fits } from "@muster/core/compare";

/** Entries remembered to judge how many options somebody has. */
const MAX_SEEN = 500;
/** Candidates looked at before a claim. */
const MAX_JUDGED = 50;
/** A client with many options holds back so many times longer than one with a single option, at most. */
const MAX_PATIENCE = 10;

/** Whether two users fit, as far as the app knows. Symmetric, unless it is a matter of taste. */
export type Compare = (own: UserProfile, other: UserProfile) => boolean;

export interface InstantClaimsOptions {
  own: UserProfile;
  compare: Compare;
  /** How long it looks around before its first claim, ms; it holds back a fifth more for each option it has. */
  lookMs: number;
  /** Sends a claim. */
  claim: (alias: string) => void;
}

/**
 * Whom one who waits claims, and when: one after the other, of all who fit the one with the fewest options of its own,
 * and later the more options it has itself. So whoever has only one option gets it before those who have others (the rule of
 * Karp and Sipser, by which nearly as many pairs are found as there can be). From the first WAITING to its end.
 */
export class InstantClaims {
  readonly #options: InstantClaimsOptions;
  /** Whom it was told of, the newest last. */
  readonly #seen = new Map<string, WaitlistEntry>();
  readonly #fitting = new Map<string, WaitlistEntry>();
  #claimed: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looked = false;
  #ended = false;

  constructor(options: InstantClaimsOptions) {
    this.#options = options;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#looked = true;
      this.#plan();
    }, options.lookMs);
  }

  /** @returns those of them who fit and were not told before */
  add(entries: readonly WaitlistEntry[]): WaitlistEntry[] {
    if (this.#ended) return [];
    const { own, compare } = this.#options;
    const fresh = entries.filter(({ alias }) => !this.#seen.has(alias));
    for (const entry of fresh) this.#seen.set(entry.alias, entry);
    for (const alias of this.#seen.keys()) {
      if (this.#seen.size <= MAX_SEEN) break;
      this.#seen.delete(alias);
    }
    const fitting = fresh.filter((entry) => compare(own, entry));
    for (const entry of fitting) this.#fitting.set(entry.alias, entry);
    this.#plan();
    return fitting;
  }

  /** That one can't be had. */
  refused(alias: string): void {
    this.#fitting.delete(alias);
    this.#seen.delete(alias);
    if (this.#claimed !== alias) return;
    this.#claimed = undefined;
    this.#plan();
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #plan(): void {
    if (this.#ended || !this.#looked || this.#timer !== undefined || this.#claimed !== undefined) return;
    const options = this.#fitting.size;
    if (options === 0) return;
    const patience = Math.min(options - 1, MAX_PATIENCE) / 5;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#claimBest();
    }, this.#options.lookMs * patience);
  }

  #claimBest(): void {
    const candidates = [...this.#fitting.values()].slice(0, MAX_JUDGED);
    const judged = candidates.map((entry) => ({ entry, options: this.#optionsOf(entry) }));
    // Of equals the one who was told of first: it has waited longest.
    const [best] = judged.sort((one, other) => one.options - other.options);
    if (!best) return;
    this.#claimed = best.entry.alias;
    this.#options.claim(best.entry.alias);
  }

  /** How many of those seen would do for somebody, by what they declare. */
  #optionsOf(entry: WaitlistEntry): number {
    let options = 0;
    for (const other of this.#seen.values()) if (other !== entry && fits(entry, other)) options += 1;
    return options;
  }
}
