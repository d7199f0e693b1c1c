import { Redis } from "ioredis";

/** A command that Redis hasn't answered after this long has failed for its caller: its outcome is unknown. */
export const COMMAND_TIMEOUT_MS = 1_500;

/** A connection on which nothing comes back for so long, though something should, is dead: it is closed and made anew. */
const SILENCE_LIMIT_MS = 3_000;

/** Quick at first, so that a restarted Redis is used at once; never slower than a second. */
const reconnectAfterMs = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 10), 1_000);

/**
 * The connection for everything but commits and BullMQ's workers: reconnects by itself, fails fast while Redis is gone
 * (nothing is kept for later: the caller answers 503), and never sends a command twice.
 */
export const connect = (url: string, name: string): Redis =>
  quiet(
    new Redis(url, {
      connectionName: name,
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_TIMEOUT_MS,
      connectTimeout: 2_000,
      socketTimeout: SILENCE_LIMIT_MS,
      retryStrategy: reconnectAfterMs,
    }),
  );

/**
 * A connection for one commit at a time. It must not reconnect: a reconnect silently loses WATCH, and the MULTI that
 * follows would commit unguarded. It must not resend: a transaction whose answer was lost may have been applied.
 * When it ends, its owner makes a new one.
 */
export const connectForCommits = (url: string, name: string): Redis =>
  quiet(
    new Redis(url, {
      connectionName: name,
      lazyConnect: true,
      retryStrategy: () => null,
      reconnectOnError: () => false,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_TIMEOUT_MS,
      connectTimeout: 2_000,
    }),
  );

/** A lost connection shows in the commands that fail; without a listener ioredis would print each attempt. */
const quiet = (redis: Redis): Redis => redis.on("error", () => {});

/** Ends a connection: politely while it answers, at once otherwise. */
export const disconnect = async (redis: Redis): Promise<void> => {
  if (redis.status === "ready") await redis.quit().catch(() => {});
  redis.disconnect();
};
