import type { StoreContext } from "../context.ts";
import { markAway, type QueueOf } from "./mark-away.ts";

/** So many players are looked at together. */
const PLAYERS_AT_ONCE = 500;

/** A connection is gone. Those of the players whom it still holds are away. */
export const disconnectPlayers = async (
  context: StoreContext,
  queueOf: QueueOf,
  token: string,
  players: readonly string[],
): Promise<void> => {
  for (let start = 0; start < players.length; start += PLAYERS_AT_ONCE) {
    await markAway(context, queueOf, players.slice(start, start + PLAYERS_AT_ONCE), { who: "holder", token });
  }
};
