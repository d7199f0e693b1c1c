import { entryOf, INSTANT_ELO, INSTANT_QUEUE, type Ticket } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { eloBucket } from "../keys.ts";
import { versionIn } from "../tickets/pack-ticket.ts";
import { readTickets } from "../tickets/read-ticket.ts";
import type { WaitingUser } from "./waiting-user.ts";

/** Tickets read in one round trip: about a millisecond of Redis' time. */
const PAGE = 200;

/** Ticket → version of all who wait for an instant match and are there, in no order. */
export const readWaitingTickets = async ({ redis, keys }: StoreContext): Promise<Map<string, number>> => {
  const packed = await redis.hgetall(keys.eloBucket(INSTANT_QUEUE, eloBucket(INSTANT_ELO)));
  return new Map(Object.entries(packed).map(([id, text]) => [id, versionIn(text)]));
};

/** Those of these tickets whose users wait and are on the list, the longest waiting first. */
export const readWaiting = async (context: StoreContext, tickets: readonly string[]): Promise<WaitingUser[]> => {
  const found: WaitingUser[] = [];
  for (let start = 0; start < tickets.length; start += PAGE) {
    const page = await readTickets(context, tickets.slice(start, start + PAGE));
    found.push(...page.flatMap((ticket) => toWaitingUser(ticket) ?? []));
  }
  return found.sort((one, other) => one.since - other.since);
};

/** Undefined for one who is over, or away. */
export const toWaitingUser = (ticket: Ticket | null): WaitingUser | undefined => {
  const entry = ticket && entryOf(ticket);
  const user = ticket?.players[0]?.id;
  if (!entry || user === undefined || ticket.status !== "queued" || ticket.away) return undefined;
  return { user, ticket: ticket.id, version: ticket.version, since: ticket.createdAt, ...entry };
};
