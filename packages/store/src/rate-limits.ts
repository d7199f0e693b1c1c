import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { createKeys } from "./keys.ts";
import { connect, disconnect } from "./redis/connect.ts";

/** Limits of calls per second that all processes share. */
export interface RateLimits {
  /**
   * Counts calls of somebody. Of more than a second allows, which none could ever make, the rest is paid for: nobody's
   * turn comes before as many seconds are over as they would have taken.
   *
   * @param subject whom to count for
   * @param perSecond how many there may be in a second
   * @returns after how many ms to try again; 0: they may be made now
   */
  take(subject: string, perSecond: number, calls: number): Promise<number>;
  close(): Promise<void>;
}

/** While Redis can't be used each process counts for itself: whoever calls then is told so by what it asks for. */
export const openRateLimits = async (options: {
  url: string;
  partition: string;
  name: string;
}): Promise<RateLimits> => {
  const redis = connect(options.url, options.name, options.partition);
  await redis.connect().catch(() => {});
  const keyPrefix = createKeys(options.partition).rateLimits;
  /** There are as many as different limits in the keys file. */
  const limiters = new Map<number, RateLimiterRedis>();
  const limiterOf = (perSecond: number): RateLimiterRedis => {
    const limits = { points: perSecond, duration: 1 };
    const limiter =
      limiters.get(perSecond) ??
      new RateLimiterRedis({
        ...{ ...limits, storeClient: redis, keyPrefix, rejectIfRedisNotReady: true },
        insuranceLimiter: new RateLimiterMemory(limits),
      });
    limiters.set(perSecond, limiter);
    return limiter;
  };
  return {
    take: async (subject, perSecond, calls) => {
      try {
        const limiter = limiterOf(perSecond);
        await limiter.consume(subject, Math.min(calls, perSecond));
        if (calls > perSecond) await limiter.block(subject, Math.ceil(calls / perSecond));
        return 0;
      } catch (over) {
        // What it throws when there are too many is no Error.
        if (!(over instanceof RateLimiterRes)) throw over;
        return Math.max(1, over.msBeforeNext);
      }
    },
    close: () => disconnect(redis),
  };
};
