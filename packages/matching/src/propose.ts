import type { MatchPlayer, MatchTeam, Proposal, ProposalTicket, WaitingTicket } from "@muster/core";
import type { TeamSplit } from "./split-teams.ts";

/** Tickets that make a match, and how they go into teams. */
export interface FoundMatch {
  /** The served ticket that it was built around comes first, then the others from near to far. */
  readonly tickets: readonly WaitingTicket[];
  readonly split: TeamSplit;
  /** Where it is placed; only where the queue uses regions. */
  readonly region?: string;
}

export const toProposal = (id: string, queue: string, { tickets, split, region }: FoundMatch): Proposal => ({
  id,
  queue,
  tickets: tickets.map(toProposalTicket),
  teams: split.teams.map(toTeam),
  eloGap: split.eloGap,
  quality: 1,
  ...(region !== undefined && { region }),
});

const toProposalTicket = ({ id, version, elo, createdAt, players }: WaitingTicket): ProposalTicket => ({
  id,
  version,
  elo,
  createdAt,
  players: players.map((player) => player.id),
});

/** Teams are named "1", "2", … The name gives no side: a game whose sides differ draws them. */
const toTeam = (tickets: readonly WaitingTicket[], index: number): MatchTeam => ({
  name: String(index + 1),
  players: NOBODY.concat(...tickets.map(toPlayers)),
});

const NOBODY: readonly MatchPlayer[] = [];

const toPlayers = (ticket: WaitingTicket): MatchPlayer[] =>
  ticket.players.map(({ id, elo }) => ({ id, elo, ticket: ticket.id }));
