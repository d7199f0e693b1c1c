import { effectiveTries, type Proposal, type ProposedTeam, type Queue, type WaitingTicket } from "@muster/core";
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
  const teams = split.teams.map((team, index) => toTeam(queue, tickets, team, index));
  return {
    id,
    queue: queue.name,
    tickets,
    teams,
    eloGap: split.eloGap,
    quality: toldQuality(quality),
    ...(region !== undefined && { region }),
    ...(teams.some(({ open }) => open !== undefined) && {
      effectiveTries: tickets.map((ticket) => effectiveTries(queue, ticket, now)),
    }),
  };
};

/**
 * Teams that are alike are named "1", "2", …: the name gives no side, and a game whose sides differ draws them, or names
 * them in the queue's definition.
 */
const toTeam = (
  { teamShapes, backfill }: Queue,
  all: readonly WaitingTicket[],
  { tickets, roles }: SplitTeam,
  index: number,
): ProposedTeam => {
  const shape = teamShapes[index];
  const open = backfill && shape ? shape.max - tickets.reduce((sum, { players }) => sum + players.length, 0) : 0;
  return {
    name: shape?.name ?? String(index + 1),
    tickets: tickets.map((ticket) => all.indexOf(ticket)),
    ...rolesIn(tickets, roles),
    ...(open > 0 && { open }),
  };
};

/** Nothing where there are no roles, in the team or in the queue. */
export const rolesIn = (
  tickets: readonly WaitingTicket[],
  roles: ReadonlyMap<string, string> = new Map(),
): Pick<ProposedTeam, "roles"> =>
  roles.size === 0 ? {} : { roles: tickets.flatMap(({ players }) => players.map(({ id }) => roles.get(id) ?? "")) };
