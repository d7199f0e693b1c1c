import type { Match, PlayerStateName, StreamEntry, Ticket } from "@muster/core";

/** What clients did and saw, and what was left in Redis when all was over: everything that the checker goes by. */
export interface History {
  readonly calls: readonly Call[];
  readonly seen: readonly Seen[];
  readonly events: readonly StreamEntry[];
  readonly left: Left;
}

/** A client's call with its answer. `unknown`: there was none, so it may have taken effect or not. */
export interface Call {
  readonly call: "enqueue" | "change" | "cancel" | "end";
  readonly players: readonly string[];
  readonly outcome: "done" | "refused" | "unknown";
  /** Of an enqueue that was done, and of changes and cancels. */
  readonly ticket?: string;
  /** Of a change that was done: the ticket's version since. */
  readonly version?: number;
  /** What a cancel that was done said, with the match when it said matched. */
  readonly said?: "cancelled" | "matched" | "expired";
  readonly match?: string;
  /** Which code a refusal had. */
  readonly code?: string;
}

/** A notification, in the order in which its watcher got it. */
export interface Seen {
  readonly watcher: string;
  readonly player: string;
  readonly version: number;
  readonly state: PlayerStateName;
  readonly match?: string;
  /** When, ms since the epoch. */
  readonly at: number;
}

export interface Left {
  readonly tickets: ReadonlyMap<string, Ticket>;
  readonly matches: ReadonlyMap<string, Match>;
  /** State and version of each player who was in the run. */
  readonly players: ReadonlyMap<string, { readonly state: PlayerStateName; readonly version: number }>;
  /** By the doctor. */
  readonly inconsistencies: readonly string[];
}

export const VIOLATIONS = [
  "double match",
  "double ticket",
  "lost ticket",
  "half-applied commit",
  "wrong outcome of a cancel",
  "version going back",
  "watcher left behind",
  "two ends of one ticket",
  "success without effect",
  "refusal with effect",
  "ticket of an old version committed",
  "commit by a former leader",
  "inconsistent",
] as const;
export type ViolationKind = (typeof VIOLATIONS)[number];

export interface Violation {
  readonly kind: ViolationKind;
  readonly text: string;
}
