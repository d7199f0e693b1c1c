import type { Match } from "../match.ts";
import type { Queue } from "../queue-definition.ts";
import { type MatchChange, type MatchEvent, playersOf, withState } from "./change.ts";

/** A match that begins now. */
export const begun = ({ matchLengthMs }: Pick<Queue, "matchLengthMs">, match: Match, now: number): Match =>
  withState({ ...match, startedAt: now, endsAt: now + matchLengthMs });

/** A match that waits, from now on, for its players to join. */
export const waitForPlayers = (
  { joinWithinMs, startAfterMs }: NonNullable<Queue["session"]>,
  match: Match,
  now: number,
): Match => {
  const startsAt = now + (startAfterMs ?? joinWithinMs);
  return withState({
    ...match,
    startsAt,
    // A match lasts as long as its queue says, from its beginning.
    endsAt: match.endsAt + startsAt - match.createdAt,
    teams: match.teams.map((team) => ({
      ...team,
      players: team.players.map((player) => ({ ...player, joinBy: startsAt })),
    })),
  });
};

/** A match after something happened in its ready check: formed when all have accepted and none of them is away. */
export const formedIfReady = (queue: Queue, match: Match, events: readonly MatchEvent[], now: number): MatchChange => {
  const ready = playersOf(match).every(({ accepted, away }) => accepted && !away);
  if (match.readyBy === undefined || match.readyBy <= now || !ready) return { match, events };
  const { readyBy: _, ...formed } = match;
  if (queue.session) return { match: waitForPlayers(queue.session, withState(formed), now), events };
  return { match: begun(queue, withState(formed), now), events: [...events, { type: "started" }] };
};

/** Whether each team has as many players as it may begin with. */
export const hasEnough = ({ teamShapes }: Pick<Queue, "teamShapes">, match: Match): boolean =>
  match.teams.every(({ name, players }) => {
    const shape = teamShapes.find((team) => team.name === name);
    return players.length >= (shape?.min ?? 1);
  });

export const allHaveJoined = (match: Match): boolean =>
  playersOf(match).every(({ presence }) => presence !== undefined);
