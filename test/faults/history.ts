import type { Match, PlayerStateName, Queues, StreamEvent, Ticket } from "@muster/core";

/** What clients did and saw, and what was left in Redis when all was over: everything that the checker goes by. */
export interface History {
  readonly queues: Queues;
  readonly calls: readonly Call[];
  readonly seen: readonly Seen[];
  /** When players who have a connection of their own were without it. */
  readonly gone: readonly Gone[];
  readonly events: readonly PartitionEvent[];
  readonly left: Left;
}

/** What a player does in its match. */
export const IN_MATCH = ["accept", "decline", "join", "leave"] as const;
export type InMatch = (typeof IN_MATCH)[number];

/** A client's call with its answer; of a batch, one of its tickets with its result. */
export interface Call {
  readonly call: "enqueue" | "change" | "cancel" | "end" | InMatch;
  readonly players: readonly string[];
  /** `unknown`: it, or one of its attempts, has no answer: so it may have taken effect or not, or yet does. */
  readonly outcome: "done" | "refused" | "unknown";
  /** Of an enqueue: its idempotency key. Whoever repeats it has the same one. */
  readonly key?: string;
  /** Of an enqueue that was done, and of changes and cancels. */
  readonly ticket?: string;
  /** Of a change that was done: the ticket's version since. */
  readonly version?: number;
  /** What a cancel that was done said, with the match when it said matched. */
  readonly said?: "cancelled" | "matched" | "expired";
  /** Of what is done in a match, too. */
  readonly match?: string;
  /** Which code a refusal had, or why there was no answer. */
  readonly code?: string;
  /** When the answer came, or was given up, ms since the epoch. */
  readonly at?: number;
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
  /** It was not told because it changed, but because its watcher had just connected. */
  readonly isHello?: true;
}

/** A player's connection was not open from then to then, ms since the epoch; Infinity: for good. */
export interface Gone {
  readonly player: string;
  readonly from: number;
  readonly to: number;
}

/** Of one partition's stream; entries of the same partition are in its order. */
export interface PartitionEvent extends StreamEvent {
  readonly partition: string;
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
  "in two partitions",
  "lost ticket",
  "half-applied commit",
  "party split",
  "place taken twice",
  "wrong outcome of a cancel",
  "wrong outcome of a ready check",
  "version going back",
  "watcher left behind",
  "two ends of one ticket",
  "two outcomes of one call",
  "success without effect",
  "refusal with effect",
  "ticket of an old version committed",
  "thrown out",
  "commit by a former leader",
  "inconsistent",
] as const;
export type ViolationKind = (typeof VIOLATIONS)[number];

export interface Violation {
  readonly kind: ViolationKind;
  readonly text: string;
}

export const violation = (kind: ViolationKind, text: string): Violation => ({ kind, text });

/** The calls of this kind that were answered with success. */
export const done = (calls: readonly Call[], call: Call["call"]): Call[] =>
  calls.filter((each) => each.call === call && each.outcome === "done");
