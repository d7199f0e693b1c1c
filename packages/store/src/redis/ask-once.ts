import type { RedisAddress } from "@muster/core/service";
import { Redis } from "ioredis";
import { serverName } from "./server-name.ts";

/** How long a node may take to connect, and as long again to answer. */
const ASK_LIMIT_MS = 1_000;

/** Asks a cluster's node or a sentinel where the keys are, on a connection of its own. @throws when it can't say in time */
export const askOnce = async <Answer>(
  host: RedisAddress["hosts"][number],
  { username, password, tls }: Pick<RedisAddress, "username" | "password" | "tls">,
  work: (redis: Redis) => Promise<Answer>,
): Promise<Answer> => {
  const redis = new Redis({
    ...host,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: serverName(host.host) }),
    connectionName: "muster-owner",
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: ASK_LIMIT_MS,
    commandTimeout: ASK_LIMIT_MS,
  }).on("error", () => {});
  try {
    await redis.connect();
    return await work(redis);
  } finally {
    redis.disconnect();
  }
};
