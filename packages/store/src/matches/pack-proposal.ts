import type { MatchTeam, Proposal, ProposalTicket } from "@muster/core";
import type { CommitJob } from "../jobs.ts";

/**
 * A proposal as it stands in a commit job: JSON by position, without what is said twice. The players of a team are named by
 * their places: which ticket, and which of its players.
 */
export type PackedProposal = [
  id: string,
  eloGap: number,
  quality: number,
  tickets: [id: string, version: number, elo: number, createdAt: number, tries: number | null, players: string[]][],
  teams: [name: string, open: number, players: PackedPlayer[]][],
  more?: Pick<Proposal, "join" | "region" | "waiting">,
];
type PackedPlayer = [ticket: number, player: number, elo: number, role?: string];

/** @param proposals all of this queue */
export const toCommitJob = (queue: string, proposals: readonly Proposal[], by?: string): CommitJob => ({
  ...{ v: 2, queue, proposals: proposals.map(pack) },
  ...(by !== undefined && { by }),
});

export const proposalsOf = ({ queue, proposals }: CommitJob): Proposal[] =>
  proposals.map(([id, eloGap, quality, packedTickets, packedTeams, more]): Proposal => {
    const tickets = packedTickets.map(([ticket, version, elo, createdAt, tries, players]): ProposalTicket => {
      const known = { id: ticket, version, elo, createdAt, players };
      return tries === null ? known : { ...known, tries };
    });
    const teams = packedTeams.map(([name, open, packed]): MatchTeam => {
      const players = packed.map(([ticket, player, elo, role]) => {
        const from = tickets[ticket];
        const known = { id: from?.players[player] ?? "", elo, ticket: from?.id ?? "" };
        return role === undefined ? known : { ...known, role };
      });
      return open === 0 ? { name, players } : { name, players, open };
    });
    return { id, queue, tickets, teams, eloGap, quality, ...more };
  });

const pack = ({ id, eloGap, quality, tickets, teams, join, region, waiting }: Proposal): PackedProposal => {
  const packed: PackedProposal = [
    ...([id, eloGap, quality] as const),
    tickets.map((ticket) => [
      ...([ticket.id, ticket.version, ticket.elo, ticket.createdAt] as const),
      ...([ticket.tries ?? null, ticket.players] as const),
    ]),
    teams.map(({ name, open = 0, players }) => [name, open, players.map((player) => packPlayer(player, tickets))]),
  ];
  if (join || region !== undefined || waiting) {
    packed.push({ ...(join && { join }), ...(region !== undefined && { region }), ...(waiting && { waiting }) });
  }
  return packed;
};

const packPlayer = (
  { id, elo, ticket: name, role }: MatchTeam["players"][number],
  tickets: readonly ProposalTicket[],
): PackedPlayer => {
  const ticket = tickets.findIndex((each) => each.id === name);
  const player = tickets[ticket]?.players.indexOf(id) ?? -1;
  return role === undefined ? [ticket, player, elo] : [ticket, player, elo, role];
};
