import type { MusterEvent, OtherEvent } from "@muster/core";

/** The field of an entry that is packed, and then its only one. */
export const PACKED = "packed";

/**
 * What is told of every ticket and of every match stands in an entry as words, not as fields with names: that costs Redis
 * half as much, and who reads it a tenth.
 *
 *     queued queue at ticket elo players
 *     matched queue at match eloGap mover matchmaker ticket …
 *     joined queue at match eloGap mover matchmaker ticket …
 *
 * with "-" for a matchmaker that isn't known. Written by enqueue-tickets.lua and write-matches.lua.
 *
 * @returns `other`, as `parseEvent` does, for words that this version doesn't know
 */
export const unpackEvent = (packed: string): MusterEvent | OtherEvent => {
  const words = packed.split(" ");
  const [type = "", queue = "", atWord, id = "", number] = words;
  const at = Number(atWord);
  if (type === "queued" && words.length === 6) {
    const event = { type, queue, ticket: id, elo: Number(number), players: Number(words[5]), at } as const;
    if (at >= 0 && Number.isFinite(event.elo) && event.players >= 1) return event;
  }
  if ((type === "matched" || type === "joined") && words.length > 7) {
    const [mover = "", matchmaker = ""] = [words[5], words[6]];
    const eloGap = Number(number);
    const tickets = words.slice(7).join(" ");
    const told: MusterEvent & { type: typeof type } = { type, queue, match: id, at, eloGap, mover, tickets };
    if (matchmaker !== "-") told.matchmaker = matchmaker;
    if (at >= 0 && eloGap >= 0) return told;
  }
  return { type: "other", name: type, fields: { [PACKED]: packed } };
};
