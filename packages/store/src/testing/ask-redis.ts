import { Redis } from "ioredis";

/** Asks a server something on a connection of its own; fails at once when it is gone. */
export const askRedis = async <Answer>(url: string, work: (redis: Redis) => Promise<Answer>): Promise<Answer> => {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, commandTimeout: 5_000 });
  redis.on("error", () => {});
  try {
    await redis.connect();
    return await work(redis);
  } finally {
    redis.disconnect();
  }
};
