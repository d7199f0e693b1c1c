import type { Redis } from "ioredis";

/** Redis' time, ms since the epoch: the clock that all times in it were written by. */
export const redisNow = async (redis: Redis): Promise<number> => {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
};
