import { ticketElo } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { eloBucket } from "../keys.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { readTicket } from "./read-ticket.ts";

const script = loadScript(new URL("./end-ticket.lua", import.meta.url));

/** Each try fails only because the ticket was changed in between; so many changes in a row are no accident. */
const TRIES = 10;

export type EndOutcome =
  | { outcome: "cancelled" | "expired" }
  /** The ticket had gone into a match before; one that is forming may still send it back. */
  | { outcome: "matched"; match: string };

/**
 * Takes a ticket out of its queue for good. It expires only if its time is over; with a reason, only if the time is
 * over that a player of it may be away. A commit that runs at the same time comes before or after it, never in
 * between: the answer is the ticket's one true outcome.
 *
 * @returns null when there is no such ticket (any more), or its time is not over
 */
export const endTicket = async (
  context: StoreContext,
  id: string,
  status: "cancelled" | "expired",
  reason?: "disconnected",
): Promise<EndOutcome | null> => {
  const { redis, keys, clock, retention } = context;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const ticket = await readTicket(context, id);
    if (!ticket) return null;
    // Who comes back and a change that begins anew raise the version, so what is decided here holds in the script.
    const until = reason ? (ticket.awayUntil ?? Infinity) : ticket.expiresAt;
    if (status === "expired" && ticket.status === "queued" && until > clock.now()) return null;
    const scriptKeys = [
      keys.ticket(id),
      keys.due(ticket.queue),
      keys.eloBucket(ticket.queue, eloBucket(ticketElo(ticket.players))),
      keys.events,
      ...ticket.players.map((player) => keys.playerState(player.id)),
    ];
    const { endedMs, idleMs, events } = retention;
    const args = [id, ticket.version, status, clock.now(), endedMs, idleMs, events, reason ?? ""];
    const [word, over, match] = (await runScript(redis, script, scriptKeys, args)) as string[];
    if (word === "ended") return { outcome: status };
    if (word === "gone") return null;
    if (word === "over")
      return over === "matched" || over === "pending"
        ? { outcome: "matched", match: match ?? "" }
        : { outcome: over as "cancelled" | "expired" };
  }
  throw new Error(`ticket ${id} was changed ${TRIES} times while it was being ended`);
};
