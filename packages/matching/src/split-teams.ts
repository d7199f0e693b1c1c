import type { WaitingTicket } from "@muster/core";
import type { TeamSizes } from "./pack-parties.ts";
import { splitByDraft } from "./split-by-draft.ts";
import { splitExactly } from "./split-exactly.ts";
import { byStrength, spreadOf, toUnit } from "./team-side.ts";

/** Up to so many players every split is tried: 126 of them for 5 against 5, 945 for five teams of two. */
export const EXACT_PLAYERS = 10;

export interface TeamSplit {
  /** The tickets of each team. */
  readonly teams: readonly (readonly WaitingTicket[])[];
  /** Largest difference between two teams' mean elo. */
  readonly eloGap: number;
}

/**
 * Splits the tickets of one match into teams, each ticket whole, so that the largest difference between two teams' mean
 * elo is small: the smallest there is up to 10 players, where ties go to the split whose teams' strongest players are
 * nearest to each other; and a good one, found fast, beyond. The same tickets in any order give the same teams
 * (teams of one player stay in the order given).
 *
 * @returns undefined when the tickets can't fill the teams exactly
 */
export const splitTeams = (teams: TeamSizes, tickets: readonly WaitingTicket[]): TeamSplit | undefined => {
  const players = tickets.reduce((sum, ticket) => sum + ticket.players.length, 0);
  if (players !== teams.count * teams.size) return undefined;
  if (teams.size === 1) return onePerTeam(tickets);
  const units = tickets.map(toUnit).sort(byStrength);
  const sides = players <= EXACT_PLAYERS ? splitExactly(teams, units) : splitByDraft(teams, units);
  return (
    sides && {
      teams: sides.map((side) => side.units.map(({ ticket }) => ticket)),
      eloGap: spreadOf(sides, "eloSum") / teams.size,
    }
  );
};

/** The split of solo tickets when a team is one player: there is nothing to choose. */
export const onePerTeam = (tickets: readonly WaitingTicket[]): TeamSplit => {
  const elos = tickets.map(({ players }) => players[0]?.elo ?? 0);
  return { teams: tickets.map((ticket) => [ticket]), eloGap: Math.max(...elos) - Math.min(...elos) };
};
