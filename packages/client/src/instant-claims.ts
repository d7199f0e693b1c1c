import type { UserProfile, WaitlistEntry } from "@muster/core";
import { fits } from "@muster/core/compare";

/** Entries remembered to judge how many options somebody has, and of those who fit. */
const MAX_SEEN = 500;
/** Aliases remembered, so that of each is told once: some 100 bytes each. */
const MAX_TOLD = 20_000;
/** Candidates looked at before a claim. */
const MAX_JUDGED = 50;
/** A client with many options holds back so many times longer than one with a single option, at most. */
const MAX_PATIENCE = 10;
/** From one claim to the next at least: 83 claims in 5 s, where a connection may send 100 frames. */
const REST_MS = 60;
/** A claim that is not answered by then was dropped on its way. */
const ANSWER_MS = 2_000;

/** Whether two users fit, as far as the app knows. Symmetric, unless it is a matter of taste. */
export type Compare = (own: UserProfile, other: UserProfile) => boolean;

export interface InstantClaimsOptions {
  own: UserProfile;
  compare: Compare;
  /** How long it looks around before its first claim, ms; it holds back a fifth more for each option it has. */
  lookMs: number;
  /** Sends a claim. Absent: the app does by itself. */
  claim?: (alias: string) => void;
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
  readonly #told = new Set<string>();
  #claimed: string | undefined;
  #answer: ReturnType<typeof setTimeout> | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
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
    const fitting = fresh.filter((entry) => compare(own, entry));
    for (const entry of fitting) this.#fitting.set(entry.alias, entry);
    const untold = fitting.filter(({ alias }) => !this.#told.has(alias));
    for (const { alias } of untold) this.#told.add(alias);
    forgetOldest(this.#seen, MAX_SEEN);
    forgetOldest(this.#fitting, MAX_SEEN);
    forgetOldest(this.#told, MAX_TOLD);
    this.#plan();
    return untold;
  }

  /** That one can't be had. */
  refused(alias: string): void {
    this.#fitting.delete(alias);
    this.#seen.delete(alias);
    if (this.#claimed === alias) this.#answered();
  }

  end(): void {
    this.#ended = true;
    for (const timer of [this.#timer, this.#answer, this.#rest]) clearTimeout(timer);
  }

  #answered(): void {
    clearTimeout(this.#answer);
    this.#claimed = undefined;
    this.#plan();
  }

  #plan(): void {
    if (this.#ended || !this.#options.claim || !this.#looked || this.#claimed !== undefined) return;
    if (this.#timer !== undefined || this.#rest !== undefined) return;
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
    const { alias } = best.entry;
    this.#claimed = alias;
    this.#rest = setTimeout(() => {
      this.#rest = undefined;
      this.#plan();
    }, REST_MS);
    this.#answer = setTimeout(() => {
      // The others first: that one may never be answered.
      this.#fitting.delete(alias);
      this.#fitting.set(alias, best.entry);
      this.#answered();
    }, ANSWER_MS);
    this.#options.claim?.(alias);
  }

  /** How many of those seen would do for somebody, by what they declare. */
  #optionsOf(entry: WaitlistEntry): number {
    let options = 0;
    for (const other of this.#seen.values()) if (other !== entry && fits(entry, other)) options += 1;
    return options;
  }
}

/** Of what holds its content in the order in which it came. */
const forgetOldest = (all: Map<string, unknown> | Set<string>, most: number): void => {
  for (const alias of all.keys()) {
    if (all.size <= most) return;
    all.delete(alias);
  }
};
