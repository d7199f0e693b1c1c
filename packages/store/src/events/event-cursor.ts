import type { StreamEvent } from "@muster/core";

/**
 * A place in the event stream: what comes after it was not read yet.
 *
 * An entry tells of what one call did, and so of one event or of several. The stream is capped, so a reader that was away
 * for long finds that entries are gone. It learns how many from counting: Redis counts all entries that were ever added and
 * those that it still has, and the cursor counts what its reader had.
 */
export interface EventCursor {
  /** Id of the last entry that was read. */
  id: string;
  /** Events of it that were read. Absent: all. */
  part?: number;
  /** Entries ever added, up to and with that one. Absent: not known, as after a jump to a point in time. */
  count?: number;
}

export interface EventPage {
  events: StreamEvent[];
  /** As many entries as were asked for: there may be more. */
  full: boolean;
  /** Entries between the cursor and the first of these that the stream no longer has; at most so many without a count. */
  missed: number;
  /** The stream was begun anew since the cursor was made; what happened in between can't be learnt. */
  restarted: boolean;
  next: EventCursor;
  /** Where the stream ended when it was read. */
  end: EventCursor;
}

/** Before the first entry that ever was. */
export const STREAM_START: EventCursor = { id: "0-0", count: 0 };

/** Behind an event, by its id; undefined for a text that is none. */
export const cursorBehind = (event: string): EventCursor | undefined => {
  const [, id, before = "0"] = /^(\d{1,15}-\d{1,19})(?:\.(\d{1,4}))?$/.exec(event) ?? [];
  return id === undefined ? undefined : { id, part: Number(before) + 1 };
};

const LAST_OF_ITS_MS = "18446744073709551615";

/** Before the first entry that was written at a time, ms since the epoch, by Redis' clock. */
export const cursorAt = (ms: number): EventCursor =>
  ms <= 0 ? STREAM_START : { id: `${Math.floor(ms) - 1}-${LAST_OF_ITS_MS}` };

/** Whether an entry's id comes before another's. */
export const isBefore = (id: string, other: string): boolean => {
  const [ms = 0n, n = 0n] = id.split("-").map(BigInt);
  const [otherMs = 0n, otherN = 0n] = other.split("-").map(BigInt);
  return ms < otherMs || (ms === otherMs && n < otherN);
};

/** An entry of the stream: its id, and what it tells of. */
export interface StreamEntry {
  id: string;
  events: StreamEvent[];
}

/** What Redis says of the stream, in the same moment in which it read the entries. */
export interface StreamReply {
  /** After the cursor; the cursor's own first, where a part of that was read. */
  entries: StreamEntry[];
  /** Entries ever added. */
  added: number;
  /** Entries no longer there. */
  trimmed: number;
  /** Ids of the oldest that is there, if any, and of the newest ever. */
  oldest: string | undefined;
  newest: string;
}

/** Puts together what was read from a cursor on, what is missing before it, and where to read on. */
export const toPage = (cursor: EventCursor, limit: number, reply: StreamReply): EventPage => {
  const { entries, added, trimmed, oldest, newest } = reply;
  const { id, part, count } = cursor;
  const end = { id: newest, count: added };
  if ((count ?? 0) > added || isBefore(newest, id)) {
    // A point in time that is yet to come is no sign that the stream is another one.
    if (count !== undefined) return { events: [], full: false, missed: 0, restarted: true, next: STREAM_START, end };
  }
  const isGone = oldest === undefined || isBefore(id, oldest);
  const missed = Math.max(0, count === undefined ? (isGone ? trimmed : 0) : trimmed - count);
  const read = count === undefined ? undefined : count + missed + entries.length;
  const full = entries.length >= limit;
  const known = full ? read : added;
  const toRead = (entry: StreamEntry) => (entry.id === id ? entry.events.slice(part) : entry.events);
  return {
    events: entries.flatMap(toRead),
    full,
    missed,
    restarted: false,
    next: { id: entries.at(-1)?.id ?? id, ...(known !== undefined && { count: known }) },
    end,
  };
};
