import type { Match, MusterEvent, Ticket } from "@muster/core";

/** Rows as they are handed to PostgreSQL; times are ms since the epoch. */
export interface SessionRow {
  id: string;
  partition: string;
  queue: string;
  endedAt: number;
  createdAt: number | null;
  startedAt: number | null;
  dissolved: Match["dissolved"] | null;
  eloGap: number | null;
  quality: number | null;
  region: string | null;
  teamNames: string[];
  teamSizes: number[];
}

export interface SessionPlayerRow {
  sessionId: string;
  endedAt: number;
  playerId: string;
  ticketId: string;
  team: string;
  role: string | null;
  elo: number;
  score: number | null;
  leftAt: number | null;
  presence: "ATTENDED" | "PLAYED" | "LEFT" | null;
}

/** What is told of a player when its session is archived already. */
export type ScoreRow = Pick<SessionPlayerRow, "sessionId" | "endedAt" | "playerId" | "score">;

export interface TicketRow {
  id: string;
  partition: string;
  queue: string;
  status: "matched" | "cancelled" | "expired";
  createdAt: number;
  endedAt: number;
  tries: number;
  reason: Ticket["reason"] | null;
  sessionId: string | null;
  players: Ticket["players"] | null;
  playerIds: string[] | null;
  attributes: Ticket["attributes"] | null;
}

type EndedMatch = Extract<MusterEvent, { type: "ended" | "dissolved" }>;
type EndedTicket = Extract<MusterEvent, { type: "cancelled" | "expired" }>;

/** @param match null when its record is gone: then the row says what the event says */
export const toSession = (
  partition: string,
  event: EndedMatch,
  match: Match | null,
): { session: SessionRow; players: SessionPlayerRow[] } => {
  const endedAt = match?.endedAt ?? event.at;
  return {
    session: {
      id: event.match,
      partition,
      queue: event.queue,
      endedAt,
      // Services' clocks may differ by some ms; the domain's order holds all the same.
      createdAt: match && Math.min(match.createdAt, endedAt),
      startedAt: match?.startedAt === undefined ? null : between(match.createdAt, match.startedAt, endedAt),
      dissolved: match?.dissolved ?? null,
      eloGap: match?.eloGap ?? null,
      quality: match?.quality ?? null,
      region: match?.region ?? null,
      teamNames: match?.teams.map((team) => team.name) ?? [],
      teamSizes: match?.teams.map((team) => team.players.length) ?? [],
    },
    players: match ? playersOf(match, endedAt) : [],
  };
};

const between = (from: number, at: number, to: number): number => Math.min(Math.max(from, at), to);

/** The scores of a match that has ended. */
export const toScores = (match: Match): ScoreRow[] =>
  playersOf(match, match.endedAt ?? 0).flatMap(({ sessionId, endedAt, playerId, score }) =>
    score === null ? [] : [{ sessionId, endedAt, playerId, score }],
  );

/** Who played, and who left before the end. A player who left and came back counts as one who stayed. */
const playersOf = (match: Match, endedAt: number): SessionPlayerRow[] => {
  const left = (match.left ?? []).map((player) => ({ ...player, leftAt: Math.min(player.at, endedAt) }));
  const stayed = match.teams.flatMap((team) =>
    team.players.map((player) => ({ ...player, team: team.name, leftAt: null })),
  );
  const rows = [...left, ...stayed].map((player) => ({
    sessionId: match.id,
    endedAt,
    playerId: player.id,
    ticketId: player.ticket,
    team: player.team,
    role: player.role ?? null,
    elo: player.elo,
    score: scoreOf(player),
    leftAt: player.leftAt,
    presence: player.presence ?? null,
  }));
  return [...new Map(rows.map((row) => [row.playerId, row])).values()];
};

const scoreOf = (player: object): number | null =>
  "score" in player && typeof player.score === "number" ? player.score : null;

/** A ticket that went into a match; null while it has not ended, or has no match. */
export const toMatchedTicket = (partition: string, ticket: Ticket): TicketRow | null => {
  const { status, endedAt, match } = ticket;
  if (status !== "matched" || endedAt === undefined || match === undefined) return null;
  return { ...fromRecord(partition, ticket, endedAt), status, sessionId: match };
};

/** @param ticket null when its record is gone: then the row says what the event says */
export const toEndedTicket = (partition: string, event: EndedTicket, ticket: Ticket | null): TicketRow => {
  if (ticket)
    return { ...fromRecord(partition, ticket, ticket.endedAt ?? event.at), status: event.type, sessionId: null };
  return {
    id: event.ticket,
    partition,
    queue: event.queue,
    status: event.type,
    createdAt: Math.min(event.createdAt, event.at),
    endedAt: event.at,
    tries: event.tries,
    reason: event.reason ?? null,
    sessionId: null,
    players: null,
    playerIds: null,
    attributes: null,
  };
};

const fromRecord = (partition: string, ticket: Ticket, endedAt: number) => ({
  id: ticket.id,
  partition,
  queue: ticket.queue,
  createdAt: Math.min(ticket.createdAt, endedAt),
  endedAt,
  tries: ticket.tries,
  reason: ticket.reason ?? null,
  players: ticket.players,
  playerIds: ticket.players.map((player) => player.id),
  attributes: ticket.attributes ?? null,
});
