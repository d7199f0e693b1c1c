import { isDeepStrictEqual } from "node:util";
import {
  effectiveTries,
  MusterError,
  type NewTicketRequest,
  type Ticket,
  type TicketChange,
  type TicketRequest,
  ticketElo,
} from "@muster/core";
import { checkTicket } from "./check-ticket.ts";
import { type ApiContext, noSuchTicket, searchedQueueNamed } from "./context.ts";
import { fillInRatings } from "./fill-in-ratings.ts";

/**
 * Gives a waiting ticket other parameters and has it searched for at once. A change that is sent again is answered as
 * the first time.
 *
 * @throws MusterError TICKET_NOT_FOUND, TICKET_OVER, VERSION_CONFLICT with the ticket as it is, INVALID or IMPOSSIBLE
 */
export const change = async (context: ApiContext, id: string, { version, ...news }: TicketChange): Promise<Ticket> => {
  const old = await context.store.readTicket(id);
  if (!old) throw noSuchTicket(id);
  if (old.status !== "queued") throw isOver(old);
  const queue = searchedQueueNamed(context, old.queue);
  const asked = changed(old, news);
  checkSamePlayers(old, asked);
  const [request] = await fillInRatings(context.store, queue, [asked]);
  if (!request || request instanceof MusterError) throw request ?? new Error("one request, one answer");
  checkTicket(queue, request);
  const outcome = await context.store.changeTicket(queue, id, version, request);
  if (!outcome) throw noSuchTicket(id);
  const { ticket } = outcome;
  if (outcome.outcome === "over") throw isOver(ticket);
  if (outcome.outcome === "conflict") {
    if (isRepeated(ticket, { version, ...news })) return ticket;
    throw new MusterError(
      "VERSION_CONFLICT",
      `Ticket "${id}" has version ${ticket.version}, not ${version}. Look at the ticket here, and change it from its version.`,
      { faults: [{ field: "version", message: `is ${version}, but the ticket has ${ticket.version}` }], ticket },
    );
  }
  const { packed } = outcome;
  if (packed !== undefined) {
    const now = context.store.clock.now();
    const tries = effectiveTries(queue, ticket, now);
    context.searches.add(queue, { elo: ticketElo(ticket.players), tries, packed, packedAt: now, since: now });
  }
  return ticket;
};

/**
 * Whether a ticket is what this change has made of it: nginx and clients send a change again whose answer was lost. An
 * elo that it left out is whatever it was filled in with.
 */
const isRepeated = (ticket: Ticket, { version, players, ...news }: TicketChange): boolean => {
  const eloOf = new Map(ticket.players.map(({ id, elo }) => [id, elo]));
  const filled = players?.map((player) => ({ ...player, elo: player.elo ?? eloOf.get(player.id) }));
  return (
    ticket.version === version + 1 &&
    isDeepStrictEqual({ ...ticket, ...news, ...(filled && { players: filled }) }, ticket)
  );
};

const changed = (
  { players, teams, attributes }: TicketRequest,
  news: Omit<TicketChange, "version">,
): NewTicketRequest => ({
  players,
  ...(teams && { teams }),
  ...(attributes && { attributes }),
  ...news,
});

const checkSamePlayers = (old: TicketRequest, { players }: NewTicketRequest): void => {
  const missing = new Set(old.players.map(({ id }) => id));
  const other = players.findIndex(({ id }) => !missing.delete(id));
  if (other < 0 && missing.size === 0) return;
  const fault =
    other < 0
      ? { field: "players", message: `must hold all players of the ticket; missing: ${[...missing].join(", ")}` }
      : { field: `players[${other}].id`, message: "is no other player of the ticket" };
  throw new MusterError(
    "INVALID",
    "A change keeps the ticket's players. Name each of them once, or cancel the ticket and queue another.",
    { faults: [fault] },
  );
};

const isOver = ({ id, status }: Ticket) =>
  new MusterError(
    "TICKET_OVER",
    `Ticket "${id}" waits no more: it is ${status}. GET /v1/tickets/${id} tells what became of it.`,
  );
