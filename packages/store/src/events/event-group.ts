import type { StreamEntry } from "@muster/core";
import { createKeys } from "../keys.ts";
import { connect, disconnect } from "../redis/connect.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { orUnavailable } from "../redis/store-errors.ts";
import { type EventLogOptions, WAIT_MAX_MS } from "./event-log.ts";
import { type RawEntry, toEntry } from "./read-events.ts";

const script = loadScript(new URL("./take-events.lua", import.meta.url));

/** Events that a reader took for its group. */
export interface TakenEvents {
  entries: StreamEntry[];
  /** Events that the stream dropped before anybody of the group took or confirmed them. */
  missed: number;
  /** The group was made by this call: it begins with what happens from now on. */
  made: boolean;
}

/**
 * The event stream for a group of readers that share the work: each event goes to one of them, and to another when it
 * isn't confirmed in time. So each is handled at least once, also when a reader dies. Operations throw
 * STORE_UNAVAILABLE while Redis can't be used.
 */
export interface EventGroup {
  take(limit: number): Promise<TakenEvents>;
  /** Says that events are done with. Until then they may be given to another. */
  confirm(ids: readonly string[]): Promise<void>;
  /** Resolves when something happens that nobody of the group has taken yet, or after a second. */
  wait(): Promise<void>;
  close(): Promise<void>;
}

export interface EventGroupOptions extends EventLogOptions {
  group: string;
  /** This reader's name in the group. */
  reader: string;
  /** ms after which an event that wasn't confirmed goes to another reader. */
  takeOverAfterMs: number;
}

/** Connects. A Redis that isn't there yet is no error. */
export const openEventGroup = async (options: EventGroupOptions): Promise<EventGroup> => {
  const redis = connect(options.url, options.name, options.partition);
  const { events } = createKeys(options.partition);
  let lastTaken = "$";
  // It goes on trying by itself.
  await redis.connect().catch(() => {});
  return {
    take: (limit) =>
      orUnavailable(async () => {
        const args = [options.group, options.reader, limit, options.takeOverAfterMs];
        const [raw, missed, last, made] = (await runScript(redis, script, [events], args)) as [
          RawEntry[],
          number,
          string,
          number,
        ];
        lastTaken = last;
        return { entries: raw.map(toEntry), missed, made: made === 1 };
      }),
    confirm: (ids) =>
      orUnavailable(async () => {
        if (ids.length > 0) await redis.xack(events, options.group, ...ids);
      }),
    wait: () =>
      orUnavailable(async () => {
        await redis.xread("COUNT", 1, "BLOCK", WAIT_MAX_MS, "STREAMS", events, lastTaken);
      }),
    close: () => disconnect(redis),
  };
};
