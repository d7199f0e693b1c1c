import type { StoreContext } from "../context.ts";
import { markAway, type QueueOf } from "./mark-away.ts";

/**
 * Marks players as away whose holder has been silent for too long: it died, or lost its way to Redis.
 *
 * @param limit players looked at, at most
 * @returns how many there were; as many as the limit: there may be more
 */
export const disconnectLost = async (context: StoreContext, queueOf: QueueOf, limit: number): Promise<number> => {
  const { redis, keys, clock } = context;
  const lost = await redis.zrangebyscore(keys.presence, "-inf", clock.now(), "LIMIT", 0, limit);
  await markAway(context, queueOf, lost, { who: "silence" });
  return lost.length;
};
