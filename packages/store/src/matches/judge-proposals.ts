import {
  type Match,
  type OpenMatch,
  type PlayerState,
  type Proposal,
  type Queue,
  teamsOf,
  type WaitingTicket,
} from "@muster/core";
import type { CommitOutcome } from "./commit-matches.ts";

/** A match that a proposal wants to join, as it stands. */
export interface Joined {
  readonly match: Match;
  readonly open: OpenMatch;
}

/** What was read under WATCH. */
export interface Known {
  readonly states: ReadonlyMap<string, PlayerState>;
  /** By match id; undefined when the match is gone, or looks for nobody. */
  readonly joined: ReadonlyMap<string, Joined | undefined>;
}

/**
 * The outcome of each proposal as far as what was read decides it; undefined where it can be committed. Of proposals
 * that exclude each other, for a ticket or for a match's places, the first can be.
 */
export const judgeProposals = (
  proposals: readonly Proposal[],
  { states, joined }: Known,
  queue: (name: string) => Queue | undefined,
): (CommitOutcome | undefined)[] => {
  const takenPlayers = new Set<string>();
  const changedMatches = new Set<string>();
  return proposals.map((proposal) => {
    const players = proposal.tickets.flatMap((ticket) => ticket.players);
    if (players.every(({ id }) => isIn(states.get(id), proposal.id))) return "committed";
    const fits =
      queue(proposal.queue) !== undefined &&
      (!proposal.join || (!changedMatches.has(proposal.id) && hasPlaces(joined.get(proposal.id), proposal))) &&
      proposal.tickets.every((ticket) =>
        ticket.players.every(({ id }) => !takenPlayers.has(id) && waitsWith(states.get(id), ticket)),
      );
    if (!fits) return "conflict";
    for (const { id } of players) takenPlayers.add(id);
    changedMatches.add(proposal.id);
    return undefined;
  });
};

const isIn = (player: PlayerState | undefined, match: string): boolean =>
  (player?.state === "inmatch" || player?.state === "pending") && player.match === match;

const waitsWith = (player: PlayerState | undefined, ticket: WaitingTicket): boolean =>
  player?.state === "inqueue" && player.ticket === ticket.id && player.ticketVersion === ticket.version;

/** Whether the match is the one that matching saw, and each of its teams has the places. */
const hasPlaces = (joined: Joined | undefined, proposal: Proposal): boolean =>
  joined?.match.state === "open" &&
  joined.match.queue === proposal.queue &&
  joined.match.version === proposal.join?.version &&
  teamsOf(proposal).every(({ name, players }) => {
    const open = joined.match.teams.find((team) => team.name === name)?.open ?? 0;
    return players.length <= open;
  });
