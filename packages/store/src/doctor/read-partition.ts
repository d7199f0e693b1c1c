import type { Redis } from "ioredis";
import type { IndexKey, Keys } from "../keys.ts";
import { emptyPartition, type IndexEntry, type Partition, seenInBucket } from "./partition.ts";
import { readMatchesInto, readPlayersInto, readTicketsInto } from "./read-records.ts";

/** Keys or entries that one SCAN looks at, and how many of them go at once: each about a millisecond of Redis' time. */
const SCAN_COUNT = 1_000;
const SCANS_AT_ONCE = 5;

/**
 * Reads all of a partition, page by page, so that others are served in between. So it is no snapshot: what changes
 * meanwhile may be read half before and half after. Indexes are read before what they name.
 */
export const readPartition = async (redis: Redis, keys: Keys): Promise<Partition> => {
  const read = emptyPartition();
  const names = await readNames(redis, keys);
  read.entries = await readEntries(redis, names.indexes);
  await readTicketsInto(redis, keys, read, names.tickets);
  await readMatchesInto(redis, keys, read, names.matches);
  await readPlayersInto(redis, keys, read, names.players);
  return read;
};

interface Names {
  players: string[];
  tickets: string[];
  matches: string[];
  indexes: { key: string; index: IndexKey }[];
}

const readNames = async (redis: Redis, keys: Keys): Promise<Names> => {
  const names: Names = { players: [], tickets: [], matches: [], indexes: [] };
  // SCAN may name a key more than once.
  const seen = new Set<string>();
  for await (const page of redis.scanStream({ match: `{${keys.partition}}:*`, count: SCAN_COUNT })) {
    for (const key of page as string[]) {
      if (seen.has(key)) continue;
      seen.add(key);
      const index = keys.indexOfKey(key);
      const player = keys.playerOfStateKey(key);
      const ticket = keys.ticketOfKey(key);
      const match = keys.matchOfKey(key);
      if (index) names.indexes.push({ key, index });
      else if (player !== undefined) names.players.push(player);
      else if (ticket !== undefined) names.tickets.push(ticket);
      else if (match !== undefined) names.matches.push(match);
    }
  }
  return names;
};

const readEntries = async (redis: Redis, indexes: Names["indexes"]): Promise<IndexEntry[]> => {
  const entries = new Map<string, IndexEntry>();
  let open = indexes.map((index) => ({ ...index, cursor: "0" }));
  while (open.length > 0) {
    const now = open.slice(0, SCANS_AT_ONCE);
    const pipeline = redis.pipeline();
    for (const { key, index, cursor } of now) {
      if (index.type === "hash") pipeline.hscan(key, cursor, "COUNT", SCAN_COUNT);
      else pipeline.zscan(key, cursor, "COUNT", SCAN_COUNT);
    }
    const replies = (await pipeline.exec()) ?? [];
    const unfinished: typeof open = [];
    for (const [n, [error, reply]] of replies.entries()) {
      const scanned = now[n];
      if (error || !scanned) throw error ?? new Error("a reply to no command");
      // Cursor, then name, value, name, value, …
      const [cursor, flat] = reply as [string, string[]];
      for (const entry of toEntries(scanned, flat)) entries.set(`${entry.key} ${entry.member}`, entry);
      if (cursor !== "0") unfinished.push({ ...scanned, cursor });
    }
    open = [...unfinished, ...open.slice(now.length)];
  }
  return [...entries.values()];
};

/** Of a million tickets in their buckets, only what is looked at. */
const toKeep = ({ name }: IndexKey, value: string): string => (name === "eloBucket" ? seenInBucket(value) : value);

const toEntries = ({ key, index }: Names["indexes"][number], flat: readonly string[]): IndexEntry[] => {
  const entries: IndexEntry[] = [];
  for (let n = 0; n + 1 < flat.length; n += 2) {
    const [member = "", value = ""] = flat.slice(n, n + 2);
    entries.push({ key, index, member, ...(index.type === "hash" && { value: toKeep(index, value) }) });
  }
  return entries;
};
