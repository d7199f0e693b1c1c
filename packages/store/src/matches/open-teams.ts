import type { MatchTeam, OpenTeam, WaitingTicket } from "@muster/core";

/**
 * The teams of a match that looks for players, as matching sees them.
 *
 * @param teams as they stand in the match
 * @param tickets those of all players in them; players who have left are left out
 */
export const toOpenTeams = (teams: readonly MatchTeam[], tickets: readonly WaitingTicket[]): OpenTeam[] =>
  teams.map(({ name, open = 0, players }): OpenTeam => {
    // Who left and came back is there by the newer ticket alone, though others of the party stay by the older one.
    const ticketOf = new Map(players.map(({ id, ticket }) => [id, ticket]));
    const roles = players.flatMap(({ role }) => (role === undefined ? [] : [role]));
    return {
      name,
      open,
      tickets: tickets
        .map((ticket) => ({ ...ticket, players: ticket.players.filter(({ id }) => ticketOf.get(id) === ticket.id) }))
        .filter((ticket) => ticket.players.length > 0),
      ...(roles.length > 0 && { roles }),
    };
  });

/** Teams with those who join them; each team keeps as many open places as are left. */
export const withJoiners = (teams: readonly MatchTeam[], joiners: readonly MatchTeam[]): MatchTeam[] =>
  teams.map(({ name, players, open = 0 }): MatchTeam => {
    const more = joiners.find((team) => team.name === name)?.players ?? [];
    const left = open - more.length;
    return { name, players: [...players, ...more], ...(left > 0 && { open: left }) };
  });
