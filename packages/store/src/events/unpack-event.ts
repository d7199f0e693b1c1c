import type { MusterEvent, OtherEvent, StreamEvent } from "@muster/core";

/** The field of an entry that is packed, and then its only one. */
export const PACKED = "packed";

/**
 * Events that an entry tells of at most. The stream is bounded by its entries, and those that tell of several by their
 * events too: the scripts that write them count events in `eventMarks`, note there the entry that passes each 200th part of
 * what is kept, and cut the stream off at the entry that passed the same part before.
 */
export const EVENTS_PER_ENTRY = 25;

/**
 * What is told of every ticket and of every match stands in an entry as words, not as fields with names: that costs Redis
 * less, and spares who reads it names, schema and conversion. A call that did so with several tells of them in one entry, a
 * line each: an entry costs Redis more than what it says.
 *
 *     queued queue ticket elo players
 *     matched queue match eloGap mover matchmaker ticket …
 *     joined queue match eloGap mover matchmaker ticket …
 *
 * with "-" for a matchmaker that isn't known. When it took effect is told by the entry's id: Redis' clock, by which the
 * store goes too. Written by enqueue-tickets.lua and write-matches.lua.
 *
 * @param entry id of the entry, `<ms>-<n>`
 * @returns at least one; `other`, as `parseEvent` does, for words that this version doesn't know
 */
export const unpackEvents = (entry: string, packed: string): StreamEvent[] =>
  packed.split("\n").map((line, n) => ({ id: n === 0 ? entry : `${entry}.${n}`, event: unpackEvent(entry, line) }));

const unpackEvent = (entry: string, packed: string): MusterEvent | OtherEvent => {
  const words = packed.split(" ");
  const [type = "", queue = "", id = "", number] = words;
  const at = Number.parseInt(entry, 10);
  if (type === "queued" && words.length === 5) {
    const event = { type, queue, ticket: id, elo: Number(number), players: Number(words[4]), at } as const;
    if (Number.isFinite(event.elo) && event.players >= 1) return event;
  }
  if ((type === "matched" || type === "joined") && words.length > 6) {
    const [mover = "", matchmaker = ""] = [words[4], words[5]];
    const eloGap = Number(number);
    const tickets = words.slice(6).join(" ");
    const told: MusterEvent & { type: typeof type } = { type, queue, match: id, at, eloGap, mover, tickets };
    if (matchmaker !== "-") told.matchmaker = matchmaker;
    if (eloGap >= 0) return told;
  }
  return { type: "other", name: type, fields: { [PACKED]: packed } };
};
