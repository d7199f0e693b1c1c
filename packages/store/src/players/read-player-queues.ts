import type { StoreContext } from "../context.ts";
import { parsePlayerState } from "./player-state-text.ts";

/** The queue of the ticket or match that each player is in, in order; undefined for who is idle. */
export const readPlayerQueues = async (
  { redis, keys }: StoreContext,
  players: readonly string[],
): Promise<(string | undefined)[]> => {
  if (players.length === 0) return [];
  const texts = await redis.mget(players.map(keys.playerState));
  return texts.map((text) => {
    const { state, queue } = parsePlayerState(text);
    return state === "idle" ? undefined : queue;
  });
};
