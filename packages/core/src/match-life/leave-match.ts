import type { LeaveReason, Match } from "../match.ts";
import type { Queue } from "../queue-definition.ts";
import type { TicketEndReason } from "../ticket.ts";
import {
  type DroppedTicket,
  type MatchChange,
  notInMatch,
  playerOf,
  playersOf,
  refuseEnded,
  refuseForming,
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
  if (match.left?.some((player) => player.id === id) && !playerOf(match, id)) return undefined;
  refuseEnded(match);
  if (match.spectators?.includes(id)) {
    const spectators = match.spectators.filter((each) => each !== id);
    return { match: withSpectators(match, spectators), events: [] };
  }
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

/** A match without some of its players; over when nobody is left in it. */
export const removePlayers = (
  queue: Queue,
  match: Match,
  players: ReadonlySet<string>,
  reason: LeaveReason,
  now: number,
): MatchChange => {
  const smaller = withoutPlayers(queue, match, players, reason, now);
  const events = [...players].map((player) => ({ type: "left", player }) as const);
  const dropped = match.startedAt === undefined ? ticketsGone(match, smaller, reason) : [];
  if (playersOf(smaller).length > 0) return { match: smaller, events, dropped };
  const over =
    match.startedAt === undefined ? dissolve(smaller, "tooFew", now, () => undefined) : endMatch(smaller, {}, now);
  return { ...over, match: over?.match ?? smaller, events: [...events, ...(over?.events ?? [])], dropped };
};

/** The tickets of which nobody is left in a match that has not begun. */
const ticketsGone = (before: Match, after: Match, reason: LeaveReason): DroppedTicket[] => {
  const stay = new Set(playersOf(after).map(({ ticket }) => ticket));
  const gone = new Set(playersOf(before).map(({ ticket }) => ticket));
  const why: TicketEndReason = reason === "noShow" ? "noShow" : "left";
  return [...gone].filter((ticket) => !stay.has(ticket)).map((id) => ({ id, reason: why }));
};
