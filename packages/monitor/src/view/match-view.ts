import { type Match, type Ticket, ticketElo } from "@muster/core";
import type { MatchView } from "./frames.ts";

/**
 * A match as pages show it.
 *
 * @param tickets those of its players, as far as they were looked up and are still kept
 */
export const toMatchView = (match: Match, tickets: readonly Ticket[] = []): MatchView => {
  const { id, queue, state, createdAt, eloGap, quality, region, teams } = match;
  const waits = tickets.map((ticket) => Math.max(0, createdAt - ticket.createdAt));
  const pings = tickets.flatMap((ticket) => ticket.players.flatMap((player) => pingOf(player, region)));
  return {
    ...{ id, queue, state, createdAt, quality },
    ...(match.instant === undefined && { eloGap }),
    ...(region !== undefined && { region }),
    ...(waits.length > 0 && { waitedMs: { min: Math.min(...waits), max: Math.max(...waits) } }),
    ...(pings.length > 0 && { worstPingMs: Math.max(...pings) }),
    teams: teams.map(({ name, players }) => ({
      name,
      elo: players.length > 0 ? Math.round(ticketElo(players)) : 0,
      players: players.map((player) => ({ id: player.id, elo: player.elo })),
    })),
  };
};

/** The tickets that its players came with, each once. */
export const ticketsOf = ({ teams }: Match): string[] => [
  ...new Set(teams.flatMap(({ players }) => players.map(({ ticket }) => ticket))),
];

const pingOf = ({ latencyMs, avgPingMs }: Ticket["players"][number], region: string | undefined): number[] => {
  const known = region === undefined ? avgPingMs : (latencyMs?.[region] ?? avgPingMs);
  return known === undefined ? [] : [known];
};
