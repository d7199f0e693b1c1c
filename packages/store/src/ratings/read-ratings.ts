import type { Rating } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { parseRating } from "./rating-text.ts";

export interface KeptRating {
  /** Absent: no match of the player was rated in this queue. */
  rating?: Rating;
  /** As it stands in Redis, for a writer to compare; null where there is none. */
  text: string | null;
}

/** What is kept of players in one queue, in one round trip; an entry for each of them. */
export const readRatings = async (
  { redis, keys }: Pick<StoreContext, "redis" | "keys">,
  players: readonly string[],
  queue: string,
): Promise<Map<string, KeptRating>> => {
  if (players.length === 0) return new Map();
  const pipeline = redis.pipeline();
  for (const player of players) pipeline.hget(keys.ratings(player), queue);
  const replies = (await pipeline.exec()) ?? [];
  return new Map(
    replies.map(([error, reply], index): [string, KeptRating] => {
      if (error) throw error;
      const text = reply as string | null;
      const rating = parseRating(text);
      return [players[index] ?? "", { text, ...(rating && { rating }) }];
    }),
  );
};

/** A player's ratings by queue; empty when no match of it was rated. */
export const readPlayerRatings = async (
  { redis, keys }: StoreContext,
  player: string,
): Promise<Map<string, Rating>> => {
  const found = new Map<string, Rating>();
  for (const [queue, text] of Object.entries(await redis.hgetall(keys.ratings(player)))) {
    const rating = parseRating(text);
    if (rating) found.set(queue, rating);
  }
  return found;
};
