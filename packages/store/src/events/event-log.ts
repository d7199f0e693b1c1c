import { createKeys } from "../keys.ts";
import { connect, disconnect } from "../redis/connect.ts";
import { orUnavailable } from "../redis/store-errors.ts";
import type { EventCursor, EventPage } from "./event-cursor.ts";
import { readEvents } from "./read-events.ts";

/** Shorter than a command may take, so that silence is told from a Redis that hangs. */
export const WAIT_MAX_MS = 1_000;

/**
 * The event stream for one reader, on a connection of its own: waiting would keep other commands waiting. Operations
 * throw STORE_UNAVAILABLE while Redis can't be used; then nothing was read and the same cursor will do again.
 */
export interface EventLog {
  /** What came after a cursor, at most `limit` entries, oldest first. */
  read(cursor: EventCursor, limit: number): Promise<EventPage>;
  /** Resolves when there is an entry after the cursor, or after a second. */
  wait(cursor: EventCursor): Promise<void>;
  /** Behind the newest entry. */
  end(): Promise<EventCursor>;
  close(): Promise<void>;
}

export interface EventLogOptions {
  url: string;
  partition: string;
  /** Name of the connection in Redis' client list. */
  name: string;
}

/** Connects. A Redis that isn't there yet is no error. */
export const openEventLog = async ({ url, partition, name }: EventLogOptions): Promise<EventLog> => {
  const redis = connect(url, name, partition);
  const context = { redis, keys: createKeys(partition) };
  // It goes on trying by itself.
  await redis.connect().catch(() => {});
  return {
    read: (cursor, limit) => orUnavailable(() => readEvents(context, cursor, limit)),
    wait: (cursor) =>
      orUnavailable(async () => {
        await redis.xread("COUNT", 1, "BLOCK", WAIT_MAX_MS, "STREAMS", context.keys.events, cursor.id);
      }),
    end: () => orUnavailable(async () => (await readEvents(context, { id: "0-0" }, 0)).end),
    close: () => disconnect(redis),
  };
};
