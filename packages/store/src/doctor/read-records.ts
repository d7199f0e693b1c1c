import type { Redis } from "ioredis";
import type { Keys } from "../keys.ts";
import { MATCH_FIELDS, type MatchRecord, parseMatchRecord } from "../matches/match-record.ts";
import { parseTicket, TICKET_FIELDS } from "../tickets/ticket-record.ts";
import type { Partition, TicketRecord } from "./partition.ts";

/** Reads of one pipeline: about two milliseconds of Redis' time. */
const PAGE = 500;

/** Adds these tickets to what was read; one that is gone is left out. */
export const readTicketsInto = (redis: Redis, keys: Keys, into: Partition, ids: readonly string[]): Promise<void> =>
  readHashes(redis, { ids, keyOf: keys.ticket, fields: TICKET_FIELDS }, (id, fields) => {
    const ticket = fields && toTicket(id, fields);
    if (ticket) into.tickets.set(id, ticket);
    else into.unreadable.push({ about: "ticket", id });
  });

/** Adds these matches to what was read; one that is gone is left out. */
export const readMatchesInto = (redis: Redis, keys: Keys, into: Partition, ids: readonly string[]): Promise<void> =>
  readHashes(redis, { ids, keyOf: keys.match, fields: MATCH_FIELDS }, (id, fields) => {
    const match = fields && toMatch(fields);
    if (match) into.matches.set(id, match);
    else into.unreadable.push({ about: "match", id });
  });

/** Adds which of these matches are there. */
export const findMatchesInto = async (
  redis: Redis,
  keys: Keys,
  into: Partition,
  ids: readonly string[],
): Promise<void> => {
  for (const page of pagesOf(ids)) {
    const names = page.map(keys.match);
    // Nearly always all are, which one command tells.
    const isWhole = (await redis.exists(...names)) === page.length;
    const found = isWhole ? [] : await Promise.all(names.map((name) => redis.exists(name)));
    page.forEach((id, index) => {
      if (isWhole || found[index] === 1) into.otherMatches.add(id);
    });
  }
};

/** Adds these players' states to what was read; one that was never seen, or was forgotten, is left out. */
export const readPlayersInto = async (
  redis: Redis,
  keys: Keys,
  into: Partition,
  ids: readonly string[],
): Promise<void> => {
  for (const page of pagesOf(ids)) {
    const texts = await redis.mget(page.map(keys.playerState));
    page.forEach((id, index) => {
      const text = texts[index];
      if (typeof text === "string") into.players.set(id, text);
    });
  }
};

type Fields = (string | null | undefined)[];

/** Hands over the fields of each hash that is there; undefined for a key of another type. */
const readHashes = async (
  redis: Redis,
  { ids, keyOf, fields }: { ids: readonly string[]; keyOf: (id: string) => string; fields: readonly string[] },
  take: (id: string, fields: Fields | undefined) => void,
): Promise<void> => {
  for (const page of pagesOf(ids)) {
    const pipeline = redis.pipeline();
    for (const id of page) pipeline.hmget(keyOf(id), ...fields);
    const replies = (await pipeline.exec()) ?? [];
    for (const [index, [error, reply]] of replies.entries()) {
      if (error && !error.message.startsWith("WRONGTYPE")) throw error;
      const found = error ? undefined : (reply as Fields);
      if (!found || found.some((field) => field !== null)) take(page[index] ?? "", found);
    }
  }
};

const toTicket = (id: string, fields: Fields): TicketRecord | undefined => {
  const ticket = orUndefined(() => parseTicket(id, fields));
  if (!ticket?.players?.length) return undefined;
  const { queue, status, version, tries, createdAt, expiresAt, endedAt = Number.NaN, match = "", away = [] } = ticket;
  const { players, teams, attributes } = ticket;
  return {
    ...{ queue, status, version, tries, createdAt, expiresAt, endedAt, match, away: away.join(" ") },
    request: { players, ...(teams && { teams }), ...(attributes && { attributes }) },
  };
};

const toMatch = (fields: Fields): MatchRecord | undefined => {
  const named = Object.fromEntries(MATCH_FIELDS.map((name, index) => [name, fields[index]]));
  const record = orUndefined(() => parseMatchRecord(named));
  return record?.body?.teams && record;
};

const orUndefined = <T>(read: () => T | null): T | undefined => {
  try {
    return read() ?? undefined;
  } catch {
    return undefined;
  }
};

const pagesOf = function* (ids: readonly string[]): Generator<string[]> {
  for (let start = 0; start < ids.length; start += PAGE) yield ids.slice(start, start + PAGE);
};
