import {
  effectiveTries,
  type MatchPlayer,
  type MatchTeam,
  type Proposal,
  type ProposalTicket,
  type Queue,
  type WaitingTicket,
} from "@muster/core";
import { toldQuality } from "../quality.ts";
import type { SplitTeam, TeamSplit } from "../split/split-teams.ts";

/** Tickets that make a match, and how they go into teams. */
export interface FoundMatch {
  /** The ticket that it was built around comes first, then the others from near to far. */
  readonly tickets: readonly WaitingTicket[];
  readonly split: Pick<TeamSplit, "teams" | "eloGap">;
  readonly quality: number;
  /** Where it is placed; only where the queue uses regions. */
  readonly region?: string;
}

/** @param now in ms since the epoch */
export const toProposal = (
  id: string,
  queue: Queue,
  { tickets, split, quality, region }: FoundMatch,
  now: number,
): Proposal => {
  const teams = split.teams.map((team, index) => toTeam(queue, team, index));
  return {
    id,
    queue: queue.name,
    tickets: tickets.map(toProposalTicket),
    teams,
    eloGap: split.eloGap,
    quality: toldQuality(quality),
    ...(region !== undefined && { region }),
    ...(teams.some(({ open }) => open !== undefined) && {
      waiting: tickets.map((ticket) => ({ ...ticket, tries: effectiveTries(queue, ticket, now) })),
    }),
  };
};

export const toProposalTicket = ({ id, version, elo, createdAt, tries, players }: WaitingTicket): ProposalTicket => ({
  id,
  version,
  elo,
  createdAt,
  tries,
  players: players.map((player) => player.id),
});

/**
 * Teams that are alike are named "1", "2", …: the name gives no side, and a game whose sides differ draws them, or names
 * them in the queue's definition.
 */
const toTeam = ({ teamShapes, backfill }: Queue, { tickets, roles }: SplitTeam, index: number): MatchTeam => {
  const shape = teamShapes[index];
  const players = toMatchPlayers(tickets, roles);
  const open = backfill && shape ? shape.max - players.length : 0;
  return { name: shape?.name ?? String(index + 1), players, ...(open > 0 && { open }) };
};

export const toMatchPlayers = (
  tickets: readonly WaitingTicket[],
  roles: ReadonlyMap<string, string> | undefined,
): MatchPlayer[] =>
  tickets.flatMap((ticket) =>
    ticket.players.map(({ id, elo }): MatchPlayer => {
      const role = roles?.get(id);
      return { id, elo, ticket: ticket.id, ...(role !== undefined && { role }) };
    }),
  );
