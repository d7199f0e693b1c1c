import type { Ticket, TicketEndReason, TicketRequest, TicketStatus } from "@muster/core";
import { playersInWords } from "./pack-ticket.ts";

/**
 * A ticket's record is a hash. Its field `in` says what was accepted and how that was answered, and never changes:
 *
 *     queue createdAt expireAfterMs tries#digest request
 *
 * without the digest where a request can't be repeated. Each other field says what is not so any more, and is
 * absent until then, since most tickets are matched as they came: status (absent: queued), version (absent: 1), tries,
 * createdAt, expiresAt, request; and, of some, away, awayUntil, reason. What becomes of a ticket is one field, for each
 * ticket has it written:
 *
 *     status match endedAt
 *
 * with "-" for no match; without both in `queued`, and without the time in `pending`.
 */
export const TICKET_FIELDS = [
  ...(["in", "status", "version", "tries", "createdAt", "expiresAt", "request"] as const),
  ...(["reason", "away", "awayUntil"] as const),
];

/** What HMGET of the fields returns. */
export type TicketFields = readonly (string | null | undefined)[];

/** What `in` says. */
export interface AcceptedRecord {
  queue: string;
  createdAt: number;
  expiresAt: number;
  tries: number;
  /** Tells this request from others under the same id; undefined where it can't be repeated. */
  digest?: string;
  /** Packed, as packRequest does. */
  request: string;
}

/** Undefined for a text that enqueue-tickets.lua can't have written. */
export const parseAccepted = (text: string): AcceptedRecord | undefined => {
  const [, queue, createdAt, expireAfterMs, tries, digest, request] =
    /^(\S+) (\d+) (\d+) (\d+)(?:#(\S+))? (.+)$/s.exec(text) ?? [];
  if (queue === undefined || request === undefined) return undefined;
  const expiresAt = Number(createdAt) + Number(expireAfterMs);
  return {
    ...{ queue, createdAt: Number(createdAt), expiresAt, tries: Number(tries), request },
    ...(digest !== undefined && { digest }),
  };
};

/**
 * @returns null for a record that is not there, or of which nothing is left but what was noted after it had gone
 * @throws SyntaxError for a request that packRequest can't have written
 */
export const parseTicket = (id: string, fields: TicketFields): Ticket | null => {
  const [text, outcome, version, tries, createdAt, expiresAt, request, reason, away, awayUntil] = fields;
  const accepted = parseAccepted(text ?? "");
  if (!accepted) return null;
  const [status, match = "-", endedAt] = (outcome ?? "queued").split(" ");
  return {
    id,
    queue: accepted.queue,
    // The scripts and the commit write no other status and no other reason.
    status: status as TicketStatus,
    version: Number(version ?? 1),
    tries: Number(tries ?? accepted.tries),
    createdAt: Number(createdAt ?? accepted.createdAt),
    expiresAt: Number(expiresAt ?? accepted.expiresAt),
    ...(endedAt && { endedAt: Number(endedAt) }),
    ...(reason && { reason: reason as TicketEndReason }),
    ...(match !== "-" && { match }),
    ...(away && { away: away.split(" ") }),
    ...(awayUntil && { awayUntil: Number(awayUntil) }),
    ...unpackRequest(request ?? accepted.request),
  };
};

/**
 * A request as text: where no more is known of its players than elo and ping, the words `player elo ping`, with "-" for
 * a ping that is not known, as in a packed ticket; otherwise its JSON.
 */
export const packRequest = (request: TicketRequest): string => wordsOf(request) ?? JSON.stringify(request);

/** Undefined when a request is no plain one. */
export const wordsOf = (request: TicketRequest): string | undefined => {
  for (const name in request) if (name !== "players") return undefined;
  for (const player of request.players) {
    for (const name in player) if (name !== "id" && name !== "elo" && name !== "avgPingMs") return undefined;
  }
  return playersInWords(request.players);
};

/** @throws SyntaxError for a text that packRequest can't have written */
export const unpackRequest = (packed: string): TicketRequest => {
  // Only packRequest writes it; no player's id begins like that.
  if (packed.startsWith("{")) return JSON.parse(packed) as TicketRequest;
  const players: TicketRequest["players"] = [];
  for (const [, id = "", elo, ping] of packed.matchAll(/(\S+) (\S+) (\S+)(?: |$)/g)) {
    players.push({ id, elo: Number(elo), ...(ping !== "-" && { avgPingMs: Number(ping) }) });
  }
  if (players.length === 0) throw new SyntaxError(`"${packed}" is no packed request`);
  return { players };
};
