import {
  entryOf,
  type InstantEntry,
  type InstantQueue,
  type PlayerState,
  type Ticket,
  toInstantRequest,
} from "@muster/core";
import type { StoreContext } from "../context.ts";
import { readPlayer } from "../players/read-player.ts";
import { changeTicket } from "../tickets/change-ticket.ts";
import { enqueueTickets } from "../tickets/enqueue-tickets.ts";
import { readTicket } from "../tickets/read-ticket.ts";

/** Each try fails only because the user's state was changed in between; so many changes in a row are no accident. */
const TRIES = 10;

export type EnterOutcome =
  /** `replaced`: the alias under which it waited until now. */
  | { outcome: "waiting"; ticket: EnteredTicket; replaced?: string }
  /** It is in another queue or in a match. */
  | { outcome: "busy"; state: PlayerState }
  | { outcome: "full" };

export type EnteredTicket = Pick<Ticket, "id" | "version" | "expiresAt" | "createdAt">;

/**
 * Has a user wait for an instant match. One who is idle is queued; one who waits in this queue already waits with the new
 * entry from now on, at its old place and under the new alias only.
 *
 * @param id of the ticket, should a new one be needed
 */
export const enterInstant = async (
  context: StoreContext,
  queue: InstantQueue,
  user: string,
  id: string,
  entry: InstantEntry,
): Promise<EnterOutcome> => {
  const request = toInstantRequest(user, entry);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const [outcome] = await enqueueTickets(context, queue, [{ id, request }]);
    if (outcome?.outcome === "full") return outcome;
    if (outcome?.outcome === "queued") {
      // A new ticket's version is 1.
      return { outcome: "waiting", ticket: { id, version: 1, ...timesOf(outcome) } };
    }
    // Idle and refused: it must be brought to this partition first (see open-claims.ts).
    if (outcome?.outcome === "busy" && outcome.players[0]?.state.state === "idle") {
      return { outcome: "busy", state: outcome.players[0].state };
    }
    const state = await readPlayer(context, user);
    if (state.state === "idle") continue;
    if (state.state !== "inqueue" || state.queue !== queue.name) return { outcome: "busy", state };
    const { ticket = "", ticketVersion = 0 } = state;
    const old = await readEntry(context, ticket);
    const changed = await changeTicket(context, queue, ticket, ticketVersion, request);
    if (changed?.outcome !== "changed") continue;
    const waiting = { id: ticket, version: changed.ticket.version, ...timesOf(changed.ticket) };
    return { outcome: "waiting", ticket: waiting, ...(old && { replaced: old.alias }) };
  }
  throw new Error(`user ${user} changed ${TRIES} times while it was being queued`);
};

const timesOf = ({ expiresAt, createdAt }: Pick<Ticket, "expiresAt" | "createdAt">) => ({ expiresAt, createdAt });

const readEntry = async (context: StoreContext, id: string): Promise<InstantEntry | undefined> => {
  const ticket = await readTicket(context, id);
  return ticket ? entryOf(ticket) : undefined;
};
