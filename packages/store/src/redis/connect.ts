import type { Socket } from "node:net";
import { parseRedisUrl } from "@muster/core/service";
import { Redis, type RedisOptions } from "ioredis";
import { masterConnector } from "./master-connector.ts";
import { ownerConnector } from "./owner-connector.ts";
import { serverName } from "./server-name.ts";

/** A command that Redis hasn't answered after this long has failed for its caller: its outcome is unknown. */
export const COMMAND_TIMEOUT_MS = 1_500;

/** A connection on which nothing comes back for so long, though something should, is dead: it is closed and made anew. */
const SILENCE_LIMIT_MS = 3_000;

/** All of the system waits for it when Redis is back, and every half second is little to ask of a machine. */
const LONGEST_RECONNECT_MS = 500;

/** Quick at first, so that a restarted Redis is used at once. */
const reconnectAfterMs = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_RECONNECT_MS);

/**
 * One that has just started reads its data first, and says how long that may take yet: often far too long, and ioredis looks
 * again only then, up to ten seconds later.
 */
const LOOK_WHETHER_LOADED_MS = 250;

/**
 * The server has become another's replica, or the slot is another's now: a new connection goes to whom it should. The
 * command itself has failed, without effect.
 */
const isElsewhere = (error: Error): boolean => /^(MOVED|READONLY)\b/.test(error.message);

/**
 * For a worker such a command is sent again over the new connection, as what was under way when a connection is lost. Else
 * BullMQ would take it for a job that isn't there, and wait: it had been told of that job, and isn't told again.
 */
const resendElsewhere = (error: Error): 2 | false =>
  isElsewhere(error) || error.message.startsWith("UNBLOCKED") ? 2 : false;

/**
 * The connection for everything but commits and BullMQ's workers: reconnects by itself, fails fast while Redis is gone
 * (nothing is kept for later: the caller answers 503), and never sends a command twice.
 */
export const connect = (url: string, name: string, partition: string): Redis =>
  openForMany({
    ...addressOptions(url, partition),
    connectionName: name,
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: 2_000,
    socketTimeout: SILENCE_LIMIT_MS,
    retryStrategy: reconnectAfterMs,
    reconnectOnError: isElsewhere,
  });

/**
 * A connection for one commit at a time. It must not reconnect: a reconnect silently loses WATCH, and the MULTI that
 * follows would commit unguarded. It must not resend: a transaction whose answer was lost may have been applied.
 * When it ends, its owner makes a new one. What it is told goes out at once: it is one write for each step, and Redis works
 * on it while the others' next steps are made.
 */
export const connectForCommits = (url: string, name: string, partition: string): Redis =>
  open({
    ...addressOptions(url, partition),
    connectionName: name,
    lazyConnect: true,
    retryStrategy: () => null,
    reconnectOnError: () => false,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: 2_000,
  });

/** A connection for a BullMQ worker, which waits for Redis however long it takes. To be closed by whoever made it. */
export const connectForWorker = (url: string, name: string, partition: string): Redis =>
  openForMany({
    ...addressOptions(url, partition),
    connectionName: name,
    maxRetriesPerRequest: null,
    retryStrategy: reconnectAfterMs,
    reconnectOnError: resendElsewhere,
  });

// How replies are mapped is a type of the connection, not a setting of ours.
type Options = Omit<RedisOptions, "replyMapping">;

/** The options that say where to connect to. @throws when the URL is none that the settings would have let through */
const addressOptions = (url: string, partition: string): Options => {
  const address = parseRedisUrl(url);
  if (!address) throw new Error("this is no URL of a Redis");
  const { kind, hosts, tls, username, password, db } = address;
  const login = { ...(username !== undefined && { username }), ...(password !== undefined && { password }), db };
  if (kind === "cluster") return { ...login, Connector: ownerConnector(address, partition) };
  if (kind === "sentinel") return { ...login, Connector: masterConnector(address) };
  const [host] = hosts;
  return { ...login, ...host, ...(tls && host && { tls: serverName(host.host) }) };
};

/** A lost connection shows in the commands that fail; without a listener ioredis would print each attempt. */
const open = (options: Options): Redis =>
  new Redis({ ...options, maxLoadingRetryTime: LOOK_WHETHER_LOADED_MS }).on("error", () => {});

/** A connection that many calls share. */
const openForMany = (options: Options): Redis => {
  const redis = open(options);
  return redis.on("connect", () => joinWrites(redis.stream));
};

/**
 * What is written in one turn of the event loop goes out together: a write to a socket costs more than most commands, and
 * under load dozens of calls are handled in a turn.
 */
const joinWrites = (socket: Pick<Socket, "write" | "cork" | "uncork">): void => {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let isCorked = false;
  socket.write = (...args: unknown[]): boolean => {
    if (!isCorked) {
      isCorked = true;
      socket.cork();
      setImmediate(() => {
        isCorked = false;
        socket.uncork();
      });
    }
    return write(...args);
  };
};

/** Ends a connection: politely while it answers, at once otherwise. */
export const disconnect = async (redis: Redis): Promise<void> => {
  if (redis.status === "ready") await redis.quit().catch(() => {});
  redis.disconnect();
};
