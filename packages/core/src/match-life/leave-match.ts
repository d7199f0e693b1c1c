import type { LeaveReason, Match } from "../match.ts";
import type { Queue } from "../queue-definition.ts";
import { begun, hasEnough, isComplete } from "./begin-match.ts";
import {
  hasOpenPlaces,
  type MatchChange,
  notInMatch,
  playerOf,
  playersOf,
  refuseEnded,
  refuseForming,
  ticketsGone,
  withoutPlayers,
  withSpectators,
} from "./change.ts";
import { dissolve } from "./dissolve-match.ts";
import { endMatch } from "./end-match.ts";

/**
 * A player leaves a match, or stops watching it, and is idle at once. When nobody is left, the match is over.
 *
 * @throws MusterError MATCH_ENDED, NOT_IN_MATCH; WRONG_STATE while it is forming
 */
export const leaveMatch = (queue: Queue, match: Match, id: string, now: number): MatchChange | undefined => {
  // First of all: who has left may have come back to watch.
  if (match.spectators?.includes(id)) {
    const spectators = match.spectators.filter((each) => each !== id);
    return { match: withSpectators(match, spectators), events: [{ type: "unspectated", player: id }] };
  }
  if (match.left?.some((player) => player.id === id) && !playerOf(match, id)) return undefined;
  refuseEnded(match);
  if (!playerOf(match, id)) throw notInMatch(match, id);
  refuseForming(match, "Decline it instead.");
  const punished = match.startedAt !== undefined && queue.leaveCoolDownMs !== undefined;
  const change = removePlayers(queue, match, new Set([id]), "left", now);
  if (queue.instant && change.match.state !== "ended") {
    // A session of two is over when one of them leaves.
    const over = endMatch(change.match, {}, now);
    return { ...change, match: over?.match ?? change.match, events: [...change.events, ...(over?.events ?? [])] };
  }
  return { ...change, ...(punished && { coolDowns: [{ player: id, cause: "left" }] }) };
};

/**
 * A match without some of its players; over when nobody is left in it. One that has not begun does when only they were
 * awaited, and dissolves when those who stay can't begin and nobody may take the places.
 */
export const removePlayers = (
  queue: Queue,
  match: Match,
  players: ReadonlySet<string>,
  reason: LeaveReason,
  now: number,
): MatchChange => {
  const smaller = withoutPlayers(queue, match, players, reason, now);
  const events = [...players].map((player) => ({ type: "left", player }) as const);
  const dropped = ticketsGone(match, smaller, reason);
  const next = afterLoss(queue, smaller, now);
  if (!next) return { match: smaller, events, dropped };
  return { ...next, events: [...events, ...next.events], dropped: [...dropped, ...(next.dropped ?? [])] };
};

/** What becomes of a match that has just become smaller; undefined when it goes on as it did. */
const afterLoss = (queue: Queue, match: Match, now: number): MatchChange | undefined => {
  const isEmpty = playersOf(match).length === 0;
  if (match.startedAt !== undefined) return isEmpty ? endMatch(match, {}, now) : undefined;
  if (isEmpty || (!hasEnough(queue, match) && !hasOpenPlaces(match.teams))) {
    return dissolve(match, "tooFew", now, () => undefined);
  }
  return isComplete(queue, match) ? { match: begun(queue, match, now), events: [{ type: "started" }] } : undefined;
};
