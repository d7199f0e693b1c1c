import type { Ticket } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { parseTicket, TICKET_FIELDS, type TicketFields } from "./ticket-record.ts";

/** A ticket that waits, or that ended not longer ago than the retention; null for any other id. */
export const readTicket = async ({ redis, keys }: StoreContext, id: string): Promise<Ticket | null> =>
  parseTicket(id, await redis.hmget(keys.ticket(id), ...TICKET_FIELDS));

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
  for (const id of ids) pipeline.hmget(keys.ticket(id), ...TICKET_FIELDS);
  const replies = (await pipeline.exec()) ?? [];
  return replies.map(([error, fields], index) => {
    if (error && !error.message.startsWith("WRONGTYPE")) throw error;
    return error ? null : orNull(() => parseTicket(ids[index] ?? "", fields as TicketFields));
  });
};

const orNull = (read: () => Ticket | null): Ticket | null => {
  try {
    return read();
  } catch {
    return null;
  }
};
