import { type Queue, type Ticket, type TicketRequest, ticketElo, toWaiting } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { eloBucket } from "../keys.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { packTicket, packTicketTail } from "./pack-ticket.ts";
import { readTicket } from "./read-ticket.ts";
import { packRequest } from "./ticket-record.ts";

const script = loadScript(new URL("./change-ticket.lua", import.meta.url));

export type ChangeOutcome =
  /** `packed`: as a search takes it; absent while a player of it is away, when no search may have it. */
  | { outcome: "changed"; ticket: Ticket; packed?: string }
  /** Its version is another one; this is the ticket as it is. */
  | { outcome: "conflict"; ticket: Ticket }
  /** It has ended. */
  | { outcome: "over"; ticket: Ticket };

/**
 * Gives a waiting ticket other parameters, if it still has the version that the change was made from. Its version rises,
 * so a match made from the old parameters can't be committed any more. It keeps its place, unless its queue says that a
 * change begins anew, and is searched for at once.
 *
 * @param request the new parameters, all of them, of the very same players
 * @returns null when there is no such ticket (any more)
 */
export const changeTicket = async (
  context: StoreContext,
  queue: Queue,
  id: string,
  version: number,
  request: TicketRequest,
): Promise<ChangeOutcome | null> => {
  const { redis, keys, clock, retention } = context;
  const old = await readTicket(context, id);
  const refusal = old && refusalOf(old, version);
  if (!old || refusal) return refusal ?? null;
  const now = clock.now();
  const times = queue.changeRestarts
    ? { createdAt: now, expiresAt: now + queue.expireAfterMs }
    : { createdAt: old.createdAt, expiresAt: old.expiresAt };
  const waiting = { id, version: version + 1, createdAt: times.createdAt, ...toWaiting(queue, request) };
  const bucketOf = ({ players }: TicketRequest) => keys.eloBucket(queue.name, eloBucket(ticketElo(players)));
  const scriptKeys = [keys.ticket(id), keys.due(queue.name), bucketOf(old), bucketOf(request), keys.events];
  const reply = await runScript(
    redis,
    script,
    [...scriptKeys, ...old.players.map((player) => keys.playerState(player.id))],
    [
      ...[id, version, now, packRequest(request), packTicketTail(waiting)],
      ...[queue.changeRestarts ? times.expiresAt : "", retention.events],
    ],
  );
  const [word, tries, searched] = reply as [string, string, number];
  if (word !== "changed") {
    const current = await readTicket(context, id);
    return (current && refusalOf(current, version)) ?? null;
  }
  const { players: _, teams: __, attributes: ___, ...kept } = old;
  const ticket = { ...kept, ...times, version: version + 1, tries: Number(tries), ...request };
  return {
    outcome: "changed",
    ticket,
    ...(searched === 1 && { packed: packTicket({ ...waiting, tries: ticket.tries }) }),
  };
};

/** Undefined when a change made from this version may be tried. */
const refusalOf = (ticket: Ticket, version: number): ChangeOutcome | undefined => {
  if (ticket.status !== "queued") return { outcome: "over", ticket };
  return ticket.version === version ? undefined : { outcome: "conflict", ticket };
};
