import { DUEL_TEAMS, type Proposal, type ProposedTeam, type WaitingTicket } from "@muster/core";
import type { CommitJob } from "../jobs.ts";
import { fromTuple, toTuple } from "../tickets/pack-ticket.ts";
import type { PackedTicket } from "./pack-open-match.ts";

/** A proposal as it stands in a commit job: JSON by position. Absent teams: two solo players against each other. */
export type PackedProposal = [
  id: string,
  eloGap: number,
  quality: number,
  tickets: PackedTicket[],
  teams?: PackedTeam[] | null,
  more?: Pick<Proposal, "join" | "region" | "effectiveTries">,
];
type PackedTeam = [name: string, tickets: readonly number[], open?: number, roles?: readonly string[]];

/** @param proposals all of this queue */
export const toCommitJob = (queue: string, proposals: readonly Proposal[], by?: string): CommitJob => ({
  ...{ v: 3, queue, proposals: proposals.map(pack) },
  ...(by !== undefined && { by }),
});

/** As they were packed, but for what a commit doesn't look at. */
export const proposalsOf = ({ queue, proposals }: CommitJob): Proposal[] =>
  proposals.map(([id, eloGap, quality, packed, packedTeams, more]): Proposal => {
    const tickets = packed.map(([ticket, tries, tuple]) => fromTuple(ticket, tuple, tries));
    const teams = packedTeams?.map(unpackTeam) ?? DUEL_TEAMS;
    return { id, queue, tickets, teams, eloGap, quality, ...more };
  });

const pack = ({ id, eloGap, quality, tickets, teams, join, region, effectiveTries }: Proposal): PackedProposal => {
  // All that is known of a ticket only where those who join later are held against it.
  const packed = tickets.map(effectiveTries ? packWhole : packTicket);
  const proposal: PackedProposal = [id, eloGap, quality, packed];
  const hasMore = join !== undefined || region !== undefined || effectiveTries !== undefined;
  if (hasMore || teams !== DUEL_TEAMS) proposal.push(teams === DUEL_TEAMS ? null : teams.map(packTeam));
  if (hasMore) {
    proposal.push({
      ...(join && { join }),
      ...(region !== undefined && { region }),
      ...(effectiveTries && { effectiveTries }),
    });
  }
  return proposal;
};

const packWhole = (ticket: WaitingTicket): PackedTicket => [ticket.id, ticket.tries, toTuple(ticket)];

const packTicket = ({ id, tries, version, createdAt, players }: WaitingTicket): PackedTicket => [
  id,
  tries,
  [version, createdAt, players.map((player) => [player.id, player.elo])],
];

const packTeam = ({ name, tickets, open, roles }: ProposedTeam): PackedTeam => {
  if (roles) return [name, tickets, open ?? 0, roles];
  return open === undefined ? [name, tickets] : [name, tickets, open];
};

const unpackTeam = ([name, tickets, open = 0, roles]: PackedTeam): ProposedTeam => ({
  ...{ name, tickets },
  ...(roles && { roles }),
  ...(open > 0 && { open }),
});
