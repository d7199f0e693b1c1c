import type { Ticket, TicketEndReason, TicketRequest, TicketStatus } from "@muster/core";
import type { StoreContext } from "../context.ts";

const FIELDS = [
  ...(["queue", "status", "version", "tries", "createdAt", "expiresAt", "endedAt", "match", "body"] as const),
  ...(["reason", "away", "awayUntil"] as const),
];

type Fields = (string | null | undefined)[];

const parseTicket = (id: string, fields: Fields): Ticket | null => {
  const [queue, status, version, tries, createdAt, expiresAt, endedAt, match, body, reason, away, awayUntil] = fields;
  if (!queue || !body) return null;
  return {
    id,
    queue,
    // The scripts and the commit write no other status and no other body.
    status: status as TicketStatus,
    version: Number(version),
    tries: Number(tries),
    createdAt: Number(createdAt),
    expiresAt: Number(expiresAt),
    ...(endedAt && { endedAt: Number(endedAt) }),
    ...(reason && { reason: reason as TicketEndReason }),
    ...(match && { match }),
    ...(away && { away: away.split(" ") }),
    ...(awayUntil && { awayUntil: Number(awayUntil) }),
    ...(JSON.parse(body) as TicketRequest),
  };
};

/** A ticket that waits, or that ended not longer ago than the retention; null for any other id. */
export const readTicket = async ({ redis, keys }: StoreContext, id: string): Promise<Ticket | null> =>
  parseTicket(id, await redis.hmget(keys.ticket(id), ...FIELDS));

/**
 * As `readTicket` for many, in one round trip; null where there is none, or one that nobody could have written: it must
 * not keep the others from being read, and the doctor names it.
 */
export const readTickets = async (
  { redis, keys }: StoreContext,
  ids: readonly string[],
): Promise<(Ticket | null)[]> => {
  if (ids.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hmget(keys.ticket(id), ...FIELDS);
  const replies = (await pipeline.exec()) ?? [];
  return replies.map(([error, fields], index) => {
    if (error && !error.message.startsWith("WRONGTYPE")) throw error;
    return error ? null : orNull(() => parseTicket(ids[index] ?? "", fields as Fields));
  });
};

const orNull = (read: () => Ticket | null): Ticket | null => {
  try {
    return read();
  } catch {
    return null;
  }
};
