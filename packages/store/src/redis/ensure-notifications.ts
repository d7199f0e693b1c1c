import { ConfigError, ConfigFault, NEVER_SEEN } from "@muster/core";
import { withoutLogin } from "@muster/core/service";
import type { Redis } from "ioredis";
import { formatPlayerState } from "../players/player-state-text.ts";
import { isStoreUnavailable } from "./store-errors.ts";

/**
 * Sees to it that Redis announces each SET of a player's state, or of its claim, on the key's own channel. Redis does so only when
 * `notify-keyspace-events` holds K (channels by key) and $ (string commands), and it forgets a CONFIG SET when it
 * restarts: whoever listens must ensure this anew on every connection, before it subscribes.
 */

const SETTING = "notify-keyspace-events";
/** In this order, so that an unquoted `$` ends the command and no shell takes it for a variable. */
const NEEDED = "K$";
const PROBE_LIFE_MS = 5_000;

/** The channel on which Redis tells what was done to a key of its database `db`. */
export const keyspaceChannel = (db: number, key: string): string => `__keyspace@${db}__:${key}`;

/**
 * `found`: they were on. `set`: they were off, or not enough of them on, until now. `heard`: we may not read or change
 * the setting, but an experiment showed that they are on.
 */
export type Notifications = "found" | "set" | "heard";

/**
 * @param redis speaks RESP3, as ioredis does unless told otherwise: the experiment subscribes and writes on it
 * @param url of that Redis, for the message
 * @param probeKey one like the keys whose changes matter, on that Redis, and of nobody
 * @throws ConfigError that names the command to run, when notifications are off and we may not turn them on
 */
export const ensureNotifications = async (
  redis: Redis,
  { url, probeKey }: { url: string; probeKey: string },
): Promise<Notifications> => {
  let flags: string | undefined;
  try {
    flags = await readFlags(redis);
    if (/K/.test(flags) && /[$A]/.test(flags)) return "found";
    await redis.config("SET", SETTING, withNeeded(flags));
    return "set";
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const deaf = await probeNotifications(redis, probeKey);
    if (deaf === undefined) return "heard";
    throw notAnnounced(url, flags, [error.message, deaf]);
  }
};

const readFlags = async (redis: Redis): Promise<string> => {
  // Name and value; nothing at all from a Redis that hides the setting.
  const [, flags = ""] = (await redis.config("GET", SETTING)) as string[];
  return flags;
};

/** What others need stays on. */
const withNeeded = (flags: string): string => flags.replace(/[K$]/g, "") + NEEDED;

/** Redis said no (NOPERM, unknown command, …), in contrast to a Redis that can't be reached or used at the moment. */
const isRefusal = (error: unknown): error is Error =>
  error instanceof Error && error.name === "ReplyError" && !isStoreUnavailable(error);

/**
 * Writes a key while listening to it. Redis sends the announcement before it answers the PING that follows.
 *
 * @returns undefined when the announcement came, else why it is taken not to come
 */
export const probeNotifications = async (redis: Redis, key: string): Promise<string | undefined> => {
  const channel = keyspaceChannel(redis.options.db ?? 0, key);
  let heard = false;
  const listen = (from: string) => {
    heard ||= from === channel;
  };
  redis.on("message", listen);
  try {
    await redis.subscribe(channel);
    await redis.set(key, formatPlayerState(NEVER_SEEN), "PX", PROBE_LIFE_MS);
    await redis.ping();
    return heard ? undefined : "a key that was set for a test was not announced";
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return error.message;
  } finally {
    redis.off("message", listen);
    // When this fails, so does the connection, and with it the subscription.
    await redis.unsubscribe(channel).catch(() => {});
  }
};

/** The password must not reach a log, and the user is one that may not do this. */
const notAnnounced = (url: string, flags: string | undefined, reasons: readonly string[]): ConfigError => {
  const wanted = withNeeded(flags ?? "");
  const server = withoutLogin(url);
  return new ConfigError([
    new ConfigFault(
      `Redis ${server}`,
      SETTING,
      `${flags === undefined ? "can't be read" : `is "${flags}"`} and may not be set by this user ` +
        `(${reasons.join("; ")}). Run, as a user that may: redis-cli -u ${server} CONFIG SET ${SETTING} ${wanted} ` +
        `and put this line into its redis.conf, or a restart forgets it: ${SETTING} ${wanted}`,
    ),
  ]);
};
