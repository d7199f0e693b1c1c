import { parseEvent } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { type EventCursor, type EventPage, STREAM_START, type StreamEntry, toPage } from "./event-cursor.ts";
import { PACKED, unpackEvents } from "./unpack-event.ts";

const script = loadScript(new URL("./read-events.lua", import.meta.url));

/** An entry as Redis returns it: its id, and its fields' names and values in turn. */
export type RawEntry = [id: string, flat: string[]];

/**
 * Reads on from a cursor, oldest first. A stream that was begun anew, as by a Redis without persistence, is read from
 * its start.
 *
 * @param limit entries at most; 0 only looks where the stream stands
 */
export const readEvents = async (
  { redis, keys }: Pick<StoreContext, "redis" | "keys">,
  cursor: EventCursor,
  limit: number,
): Promise<EventPage> => {
  const read = async (from: EventCursor) => {
    const reply = await runScript(
      redis,
      script,
      [keys.events],
      [from.part === undefined ? `(${from.id}` : from.id, limit],
    );
    const [raw, added, trimmed, newest, oldest] = reply as [RawEntry[], number, number, string, string];
    return toPage(from, limit, { entries: raw.map(toEntry), added, trimmed, newest, oldest: oldest || undefined });
  };
  const page = await read(cursor);
  return page.restarted ? { ...(await read(STREAM_START)), restarted: true } : page;
};

export const toEntry = ([id, flat]: RawEntry): StreamEntry => {
  if (flat[0] === PACKED) return { id, events: unpackEvents(id, flat[1] ?? "") };
  const fields: Record<string, string> = {};
  for (let n = 0; n + 1 < flat.length; n += 2) fields[flat[n] ?? ""] = flat[n + 1] ?? "";
  return { id, events: [{ id, event: parseEvent(fields) }] };
};
