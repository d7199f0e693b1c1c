import type { Attributes } from "./player.ts";

/** What matching may know of a player that waits. */
export interface WaitingPlayer {
  id: string;
  elo: number;
  /** Absent: unknown. */
  avgPingMs?: number;
  /** Ping to each region, known or estimated; only where the queue uses regions. Absent: nothing is known. */
  latencyMs?: Record<string, number>;
  /** Roles that it accepts, the dearest first; only where the queue has roles. Absent: all alike. */
  roles?: string[];
  /** The player's own or its ticket's; only those that the queue's rules name. */
  attributes?: Attributes;
}

/** A ticket as a search sees it: the candidate's half of a ticket, without what matching doesn't use. */
export interface WaitingTicket {
  id: string;
  /** The version of its parameters; a commit made from another version fails. */
  version: number;
  tries: number;
  /** When it began to wait, ms since the epoch. */
  createdAt: number;
  /** Mean elo of its players. */
  elo: number;
  players: WaitingPlayer[];
  /** Names of the teams that it may be put in. Absent: any. */
  teams?: string[];
}

/**
 * A match that looks for players: its queue takes them in until it is full, or its realm asked for them. It stands in a
 * search like a ticket that can't be moved.
 */
export interface OpenMatch {
  id: string;
  /** A join made from another version fails. */
  version: number;
  /** Since when it looks for players, ms since the epoch: what they accept has widened since then. */
  openedAt: number;
  /** Where it is placed; only where the queue uses regions and any ping was known. */
  region?: string;
  /** In the order of the queue's teams. */
  teams: OpenTeam[];
}

export interface OpenTeam {
  name: string;
  /** Places that can be taken. */
  open: number;
  /** Who is in it: tickets without the players that have left. Their tries are the effective ones, as of `openedAt`. */
  tickets: WaitingTicket[];
  /** Roles that are taken, as often as they are; only where the queue has roles. */
  roles?: string[];
}
