import type { StoreContext } from "../context.ts";
import { holdPlayers } from "./hold-players.ts";
import type { QueueOf } from "./mark-away.ts";
import { markBack } from "./mark-back.ts";

/**
 * A connection stands for players from now on, whoever did before; refreshPresence keeps it so. Who was away is back.
 *
 * @param token of this connection, and of no other ever
 */
export const connectPlayers = async (
  context: StoreContext,
  queueOf: QueueOf,
  token: string,
  players: readonly string[],
): Promise<void> => {
  const holds = players.map((player) => ({ player, token }));
  await holdPlayers(context, holds, true);
  await markBack(context, queueOf, players, token);
};
