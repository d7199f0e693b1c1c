import type { StreamEvent } from "@muster/core";
import { createKeys } from "../keys.ts";
import { connect, disconnect } from "../redis/connect.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { orUnavailable } from "../redis/store-errors.ts";
import { type EventLogOptions, WAIT_MAX_MS } from "./event-log.ts";
import { type RawEntry, toEntry } from "./read-events.ts";

const script = loadScript(new URL("./take-events.lua", import.meta.url));

/** Events that a reader took for its group. */
export interface TakenEvents {
  events: StreamEvent[];
  /** The entries that told of them, by which they are confirmed. */
  entries: string[];
  /** Entries that the stream dropped before anybody of the group took or confirmed them. */
  missed: number;
  /** The group was made by this call: it begins with what happens from now on. */
  made: boolean;
}

/**
 * The event stream for a group of readers that share the work: each entry goes to one of them, and to another when it
 * isn't confirmed in time. So each is handled at least once, also when a reader dies. Operations throw
 * STORE_UNAVAILABLE while Redis can't be used.
 */
export interface EventGroup {
  /** @param limit entries at most: each tells of at most EVENTS_PER_ENTRY */
  take(limit: number): Promise<TakenEvents>;
  /** Says that all events of entries are done with. Until then they may be given to another. */
  confirm(entries: readonly string[]): Promise<void>;
  /** Resolves when something happens that nobody of the group has taken yet, or after a second. */
  wait(): Promise<void>;
  close(): Promise<void>;
}

export interface EventGroupOptions extends EventLogOptions {
  group: string;
  /** This reader's name in the group. */
  reader: string;
  /** ms after which an entry that wasn't confirmed goes to another reader. */
  takeOverAfterMs: number;
}

/** Connects. A Redis that isn't there yet is no error. */
export const openEventGroup = async (options: EventGroupOptions): Promise<EventGroup> => {
  const redis = connect(options.url, options.name, options.partition);
  const stream = createKeys(options.partition).events;
  let lastTaken = "$";
  // It goes on trying by itself.
  await redis.connect().catch(() => {});
  return {
    take: (limit) =>
      orUnavailable(async () => {
        const args = [options.group, options.reader, limit, options.takeOverAfterMs];
        const [raw, missed, last, made] = (await runScript(redis, script, [stream], args)) as [
          RawEntry[],
          number,
          string,
          number,
        ];
        lastTaken = last;
        const entries = raw.map(toEntry);
        const events = entries.flatMap((entry) => entry.events);
        return { events, entries: entries.map(({ id }) => id), missed, made: made === 1 };
      }),
    confirm: (entries) =>
      orUnavailable(async () => {
        if (entries.length > 0) await redis.xack(stream, options.group, ...entries);
      }),
    wait: () =>
      orUnavailable(async () => {
        await redis.xread("COUNT", 1, "BLOCK", WAIT_MAX_MS, "STREAMS", stream, lastTaken);
      }),
    close: () => disconnect(redis),
  };
};
