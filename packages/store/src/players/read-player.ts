import type { Player, PlayerState, Ticket } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { readTicket } from "../tickets/read-ticket.ts";
import { parsePlayerState } from "./player-state-text.ts";

/** A player, with what it was last queued with; that is absent when its ticket is no longer kept. */
export interface PlayerView extends PlayerState, Pick<Ticket, "attributes" | "teams"> {
  /** Its own; beside them stand those of its ticket. */
  parameters?: Player;
}

/** A player's state and last parameters. A player that was never seen is idle with version 0. */
export const readPlayer = async (context: StoreContext, id: string): Promise<PlayerView> => {
  const state = parsePlayerState(await context.redis.get(context.keys.playerState(id)));
  const ticket = state.ticket ? await readTicket(context, state.ticket) : null;
  const parameters = ticket?.players.find((player) => player.id === id);
  if (!ticket || !parameters) return state;
  const { attributes, teams } = ticket;
  return { ...state, parameters, ...(attributes && { attributes }), ...(teams && { teams }) };
};
