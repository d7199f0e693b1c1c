import type { PlayerState, Ticket } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { parsePlayerState } from "../players/player-state-text.ts";
import { readTickets } from "../tickets/read-ticket.ts";

/** Players whose presence changes, sorted by what that means for them. */
export interface Groups {
  /** Those who wait, together with those of them who share a ticket: a party's version must rise once, not often. */
  waiting: { ticket: Ticket; players: string[] }[];
  /** All others, with their states. */
  others: { player: string; state: PlayerState }[];
}

export const readGroups = async (context: StoreContext, players: readonly string[]): Promise<Groups> => {
  const { redis, keys } = context;
  const groups: Groups = { waiting: [], others: [] };
  if (players.length === 0) return groups;
  const texts = await redis.mget(players.map(keys.playerState));
  const byTicket = new Map<string, string[]>();
  for (const [index, player] of players.entries()) {
    const state = parsePlayerState(texts[index] ?? null);
    const { ticket } = state;
    if (state.state !== "inqueue" || ticket === undefined) groups.others.push({ player, state });
    else byTicket.set(ticket, [...(byTicket.get(ticket) ?? []), player]);
  }
  const tickets = await readTickets(context, [...byTicket.keys()]);
  for (const ticket of tickets) if (ticket) groups.waiting.push({ ticket, players: byTicket.get(ticket.id) ?? [] });
  return groups;
};
