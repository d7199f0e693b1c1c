import type { Match } from "../match.ts";
import type { Queue } from "../queue-definition.ts";
import { formedIfReady } from "./begin-match.ts";
import { type MatchChange, playersOf, withState } from "./change.ts";

/**
 * The connections of players are gone, or they are back. It changes nothing about who plays; but a match whose ready
 * check runs is not formed with a player who is away, and whoever is away when it dissolves waits again as one who is.
 *
 * @param players those who aren't in the match are left out
 */
export const notePresence = (
  queue: Queue,
  match: Match,
  players: ReadonlySet<string>,
  away: boolean,
  now: number,
): MatchChange | undefined => {
  if (match.state === "ended") return undefined;
  const changed = playersOf(match).filter((player) => players.has(player.id) && (player.away ?? false) !== away);
  if (changed.length === 0) return undefined;
  const ids = new Set(changed.map(({ id }) => id));
  const noted = withState({
    ...match,
    teams: match.teams.map((team) => ({
      ...team,
      players: team.players.map(({ away: was, ...player }) => {
        const isAway = ids.has(player.id) ? away : was;
        return { ...player, ...(isAway && { away: isAway }) };
      }),
    })),
  });
  const type = away ? "disconnected" : "reconnected";
  const events = changed.map(({ id }) => ({ type, player: id }) as const);
  return formedIfReady(queue, noted, events, now);
};
