import type { Player, PlayerState } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { readTicket } from "../tickets/read-ticket.ts";
import { parsePlayerState } from "./player-state-text.ts";

export interface PlayerView extends PlayerState {
  /** What it was last queued with; absent when that ticket is no longer kept. */
  parameters?: Player;
}

/** A player's state and last parameters. A player that was never seen is idle with version 0. */
export const readPlayer = async (context: StoreContext, id: string): Promise<PlayerView> => {
  const state = parsePlayerState(await context.redis.get(context.keys.playerState(id)));
  const ticket = state.ticket ? await readTicket(context, state.ticket) : null;
  const parameters = ticket?.players.find((player) => player.id === id);
  return { ...state, ...(parameters && { parameters }) };
};
