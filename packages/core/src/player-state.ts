import { type Static, Type } from "typebox";

/**
 * A player's life, as everyone who watches it sees it.
 *
 * `idle`: in nothing. The orchestrator moves it to `inqueue` when a ticket with it is accepted. From there it goes back
 * to `idle` when the ticket is cancelled (orchestrator) or expires (sweeper), or on to `inmatch` when the mover commits
 * a match; in a queue with a ready check it passes through `pending`, from which it goes to `inmatch` when all accept,
 * back to `inqueue` when another player declined, or to `idle` when it declined itself. From a session that dissolves
 * before it began, it goes back to `inqueue` too. The end of its match, or its leaving it, makes it `idle` again. An `idle` player may become `inspector` of a match, and `idle` again afterwards.
 *
 * Each change raises the player's version. A version is never reused, not even after an idle player was forgotten:
 * it is the larger of the last version + 1 and the time of the change in ms.
 */
export const PlayerStateName = Type.Union([
  Type.Literal("idle"),
  Type.Literal("inqueue"),
  Type.Literal("pending"),
  Type.Literal("inmatch"),
  Type.Literal("inspector"),
]);
export type PlayerStateName = Static<typeof PlayerStateName>;

/**
 * Which state may follow which, and by what; the scripts and the commit write no others. A test makes each of these
 * happen over HTTP, and has the API refuse what would be another (`orchestrator/src/transitions.test.ts`).
 */
export const PLAYER_TRANSITIONS = {
  idle: {
    inqueue: "a ticket with it is accepted",
    inspector: "it begins to watch a match",
  },
  inqueue: {
    inqueue: "its ticket is changed, or a player of it goes away or is back",
    idle: "its ticket is cancelled, or expires",
    pending: "a match with it is committed, and its players are asked",
    inmatch: "a match with it is committed, or claimed",
  },
  pending: {
    inmatch: "all have accepted",
    inqueue: "the match dissolves, and nobody of its ticket is at fault",
    idle: "the match dissolves, and somebody of its ticket is at fault",
  },
  inmatch: {
    idle: "it leaves the match, or that ends",
    inqueue: "the match dissolves before it began, and nobody of its ticket is at fault",
  },
  inspector: {
    idle: "it stops watching, or the match ends",
  },
} as const satisfies Record<PlayerStateName, Partial<Record<PlayerStateName, string>>>;

/** What Redis holds of a player. A player that never queued, or was forgotten, is `idle` with version 0. */
export interface PlayerState {
  state: PlayerStateName;
  version: number;
  /** When this state began, ms since the epoch; 0 for a player that was never seen. */
  at: number;
  /** Searches without a match since its last match began. Survives a requeue of the player's own. */
  tries: number;
  /** The ticket it is in, or, when idle, the last one it was in. */
  ticket?: string;
  /** The version of that ticket's parameters. A commit made from another version fails. */
  ticketVersion?: number;
  match?: string;
  queue?: string;
}

export const NEVER_SEEN: PlayerState = Object.freeze({ state: "idle", version: 0, at: 0, tries: 0 });

/** The version that follows `previous` at the time `now` (both ms-like integers); the scripts compute the same. */
export const nextVersion = (previous: number, now: number): number => Math.max(previous + 1, now);
