import type { MatchTeam } from "./match.ts";
import type { Attributes } from "./player.ts";

/** What matching may know of a player that waits. */
export interface WaitingPlayer {
  id: string;
  elo: number;
  /** Absent: unknown. */
  avgPingMs?: number;
  /** Ping to each region, known or estimated; only where the queue uses regions. Absent: nothing is known. */
  latencyMs?: Record<string, number>;
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
}

export interface ProposalTicket {
  id: string;
  version: number;
  elo: number;
  createdAt: number;
  /** Ids of all its players: their state keys are what the commit watches. */
  players: string[];
}

/** Tickets assigned to teams, not yet committed. The id becomes the match's id, so a repeated commit is recognised. */
export interface Proposal {
  id: string;
  queue: string;
  tickets: ProposalTicket[];
  teams: MatchTeam[];
  /** Largest difference between two teams' mean elo. */
  eloGap: number;
  /** Where the match is placed; only where the queue uses regions. */
  region?: string;
}
