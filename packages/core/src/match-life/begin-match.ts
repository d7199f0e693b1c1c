import type { Match, MatchPlayer } from "../match.ts";
import type { Queue } from "../queue-definition.ts";
import { type MatchChange, type MatchEvent, playersOf, withState } from "./change.ts";

/** A match that begins now. */
export const begun = ({ matchLengthMs }: Pick<Queue, "matchLengthMs">, match: Match, now: number): Match =>
  withState({ ...match, startedAt: now, endsAt: now + matchLengthMs });

/**
 * A match that waits, from now on, for its players to join. One with a time to begin at may call a no-show before it,
 * so that the place is filled by then.
 */
export const waitForPlayers = (
  { joinWithinMs, startAfterMs }: NonNullable<Queue["session"]>,
  match: Match,
  now: number,
): Match => {
  const startsAt = now + (startAfterMs ?? joinWithinMs);
  const joinBy = Math.min(startsAt, now + joinWithinMs);
  return withState({
    ...match,
    startsAt,
    // A match lasts as long as its queue says, from its beginning.
    endsAt: match.endsAt + startsAt - match.createdAt,
    teams: match.teams.map((team) => ({
      ...team,
      players: team.players.map((player) => ({ ...player, joinBy })),
    })),
  });
};

/** A match after something happened in its ready check: formed when all have accepted and none of them is away. */
export const formedIfReady = (queue: Queue, match: Match, events: readonly MatchEvent[], now: number): MatchChange => {
  const ready = playersOf(match).every(({ accepted, away }) => accepted && !away);
  if (match.readyBy === undefined || match.readyBy <= now || !ready) return { match, events };
  const { readyBy: _, ...formed } = match;
  if (queue.session) {
    return { match: waitForPlayers(queue.session, withState(formed), now), events: [...events, { type: "formed" }] };
  }
  return { match: begun(queue, withState(formed), now), events: [...events, { type: "started" }] };
};

/** Whether each team has as many players as it may begin with. */
export const hasEnough = (queue: Pick<Queue, "teamShapes">, match: Match): boolean =>
  isEnough(queue, match, () => true);

/** Whether that many have joined: whoever took a place a moment ago may still be on its way. */
export const hasEnoughThere = (queue: Pick<Queue, "teamShapes">, match: Match): boolean =>
  isEnough(queue, match, ({ presence }) => presence !== undefined);

const isEnough = (
  { teamShapes }: Pick<Queue, "teamShapes">,
  { teams }: Match,
  counts: (player: MatchPlayer) => boolean,
): boolean =>
  teams.every(({ name, players }) => {
    const shape = teamShapes.find((team) => team.name === name);
    return players.filter(counts).length >= (shape?.min ?? 1);
  });

/** Whether nobody is awaited any more in a match that begins with its last player, and not at a time. */
export const isComplete = (queue: Pick<Queue, "session" | "teamShapes">, match: Match): boolean =>
  match.startedAt === undefined &&
  queue.session?.startAfterMs === undefined &&
  playersOf(match).every(({ presence }) => presence !== undefined) &&
  hasEnough(queue, match);
