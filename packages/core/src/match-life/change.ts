import { MusterError } from "../errors.ts";
import type { MusterEventType } from "../events.ts";
import type { LeaveReason, LeftPlayer, Match, MatchPlayer, MatchState, MatchTeam } from "../match.ts";
import type { Queue } from "../queue-definition.ts";
import type { TicketEndReason } from "../ticket.ts";

/**
 * What can happen to a match, one function per operation and file. Each takes the match as it is and gives the match as
 * it is then, or undefined when there is nothing to change, as when a request is repeated; what isn't legal throws, and
 * says why. All are pure: the store applies a change wholly or not at all, and asks again when the match was changed in
 * between.
 *
 *                 all accept                 players have joined              time is over, or its realm ends it
 *     forming ───────────────▶ open ────────────────────────────▶ live ─────────────────────────────────────────▶ ended
 *        │                       │ ◀── a place opens, or is taken ──▶                                               ▲
 *        └── declined, silent ───┴── too few have joined ────────── dissolved ─────────────────────────────────────┘
 */
export interface MatchChange {
  readonly match: Match;
  readonly events: readonly MatchEvent[];
  /** Tickets that wait again, where they stood: all their players are in the match no more. */
  readonly requeued?: readonly string[];
  /** Tickets that end, since the match that they were in has not begun. */
  readonly dropped?: readonly DroppedTicket[];
  readonly coolDowns?: readonly CoolDown[];
  /** A player who starts to watch: it must be idle. */
  readonly spectator?: string;
}

export interface MatchEvent {
  readonly type: MusterEventType;
  readonly player?: string;
}

export interface DroppedTicket {
  readonly id: string;
  readonly reason: TicketEndReason;
}

/** A player who may not queue for a while. */
export interface CoolDown {
  readonly player: string;
  /** `declined` cool-downs double with each one; one for having `left` doesn't. */
  readonly cause: "declined" | "left";
}

/** A match whose state and count of joined players follow from the rest. */
export const withState = (match: Omit<Match, "state" | "joined">): Match => ({
  ...match,
  state: stateOf(match),
  joined: playersOf(match).filter(({ presence }) => presence !== undefined).length,
});

export const stateOf = ({
  endedAt,
  readyBy,
  startedAt,
  teams,
}: Pick<Match, "endedAt" | "readyBy" | "startedAt" | "teams">): MatchState => {
  if (endedAt !== undefined) return "ended";
  if (readyBy !== undefined) return "forming";
  return startedAt === undefined || hasOpenPlaces(teams) ? "open" : "live";
};

/** Whether waiting tickets may join. */
export const hasOpenPlaces = (teams: readonly MatchTeam[]): boolean => teams.some(({ open = 0 }) => open > 0);

/** When something about a match is to be settled next, ms since the epoch; Infinity once it has ended. */
export const dueAt = (
  match: Pick<Match, "state" | "endsAt" | "readyBy" | "startsAt" | "startedAt" | "teams">,
): number => {
  if (match.state === "ended") return Infinity;
  // A match may take less time than its players have to accept it: its end comes after that.
  if (match.readyBy !== undefined) return match.readyBy;
  const joinBy = playersOf(match).map((player) => player.joinBy ?? Infinity);
  return Math.min(match.endsAt, startOf(match), ...joinBy);
};

/** When a match that has not begun does; Infinity for all others. */
export const startOf = ({ startsAt = Infinity, startedAt }: Pick<Match, "startsAt" | "startedAt">): number =>
  startedAt === undefined ? startsAt : Infinity;

export const playersOf = ({ teams }: Pick<Match, "teams">): MatchPlayer[] => teams.flatMap(({ players }) => players);

export const playerOf = (match: Match, id: string): MatchPlayer | undefined =>
  playersOf(match).find((player) => player.id === id);

/** @throws MusterError MATCH_ENDED */
export const refuseEnded = ({ id, state, dissolved }: Match): void => {
  if (state !== "ended") return;
  const how = dissolved === undefined ? "has ended" : `was dissolved (${dissolved})`;
  throw new MusterError("MATCH_ENDED", `Match "${id}" ${how}: nothing about it can be changed any more.`);
};

/** @throws MusterError WRONG_STATE while its players are still being asked */
export const refuseForming = ({ id, state, readyBy }: Match, what: string): void => {
  if (state !== "forming") return;
  throw new MusterError(
    "WRONG_STATE",
    `Match "${id}" is still forming: its players accept or decline it until ${isoOf(readyBy)}. ${what}`,
  );
};

/** What to throw of a player whom the match doesn't have. */
export const notInMatch = ({ id, left = [] }: Match, player: string): MusterError =>
  left.some((each) => each.id === player)
    ? new MusterError("WRONG_STATE", `${player} has left match "${id}", and can't come back into it.`)
    : new MusterError("NOT_IN_MATCH", `${player} is not a player of match "${id}".`, {
        faults: [{ field: "player", message: "is not in this match" }],
      });

export const isoOf = (at = 0): string => new Date(at).toISOString();

/** The match with this player changed. */
export const withPlayer = (match: Match, changed: MatchPlayer): Match =>
  withState({
    ...match,
    teams: match.teams.map((team) => ({
      ...team,
      players: team.players.map((player) => (player.id === changed.id ? changed : player)),
    })),
  });

/** The match with these spectators. */
export const withSpectators = ({ spectators: _, ...match }: Match, spectators: string[]): Match =>
  withState({ ...match, ...(spectators.length > 0 && { spectators }) });

/** The match without some of its players, whose places are open if its queue fills them. */
export const withoutPlayers = (
  { backfill = false }: Pick<Queue, "backfill">,
  match: Match,
  players: ReadonlySet<string>,
  reason: LeaveReason,
  now: number,
): Match => {
  const gone = match.teams.flatMap(({ name, players: all }) =>
    all.filter(({ id }) => players.has(id)).map((player) => toLeft(player, name, reason, now)),
  );
  const teams = match.teams.map(({ name, players: all, open = 0 }): MatchTeam => {
    const stay = all.filter(({ id }) => !players.has(id));
    const places = backfill ? open + all.length - stay.length : open;
    return { name, players: stay, ...(places > 0 && { open: places }) };
  });
  return withState({ ...match, teams, left: [...(match.left ?? []), ...gone] });
};

/** The tickets of which nobody is left in a match that had not begun. */
export const ticketsGone = (before: Match, after: Match, reason: LeaveReason): DroppedTicket[] => {
  if (before.startedAt !== undefined) return [];
  const stay = new Set(playersOf(after).map(({ ticket }) => ticket));
  const gone = new Set(playersOf(before).map(({ ticket }) => ticket));
  const why: TicketEndReason = reason === "noShow" ? "noShow" : "left";
  return [...gone].filter((ticket) => !stay.has(ticket)).map((id) => ({ id, reason: why }));
};

const toLeft = (
  { joinBy: _, presence: __, away: ___, ...player }: MatchPlayer,
  team: string,
  reason: LeaveReason,
  at: number,
): LeftPlayer => ({ ...player, presence: "LEFT", team, at, reason });
