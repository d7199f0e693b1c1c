import type { Redis } from "ioredis";
import type { IndexKey, Keys } from "../keys.ts";
import type { Fault } from "./fault.ts";
import { emptyPartition, type IndexEntry, type Partition } from "./partition.ts";
import { type Reader, readAround, readNamed, type Subject, toEntry } from "./read-around.ts";

/** Keys or entries that one SCAN looks at, and how many of them go at once: each about a millisecond of Redis' time. */
const SCAN_COUNT = 1_000;
const SCANS_AT_ONCE = 5;
/** Of one kind that a part holds, besides what they name. */
export const PART_SIZE = 500;

/** Some of one kind, with what they name. */
export interface Part {
  about: Fault["about"];
  read: Partition;
}

/**
 * Reads all of a partition, part by part: others are served in between, and no more is in memory than a part and a page
 * of names. So it is no snapshot: what changes meanwhile may be read half before and half after, or in two parts.
 */
export const readParts = async function* (reader: Reader): AsyncGenerator<Part> {
  const { redis, keys, isOwn = () => true } = reader;
  for await (const page of redis.scanStream({ match: `{${keys.partition}}:*`, count: SCAN_COUNT })) {
    const names = namesOf(keys, page as string[]);
    for await (const entries of readIndexes(redis, names.indexes)) {
      const own = entries.filter(({ member }) => isOwn(member));
      for (const some of inParts(own)) yield { about: "index", read: await withRecords(reader, some) };
    }
    for (const about of ["ticket", "match", "player"] as const) {
      const own = names[about].filter(isOwn);
      yield* readSubjects(
        reader,
        about,
        own.map((id) => ({ id })),
      );
    }
  }
};

/** Reads these again, part by part. */
export const readSubjects = async function* (
  reader: Reader,
  about: Fault["about"],
  subjects: readonly Subject[],
): AsyncGenerator<Part> {
  for (const some of inParts(subjects)) yield { about, read: await readAround(reader, about, some) };
};

const withRecords = async (reader: Reader, entries: IndexEntry[]): Promise<Partition> => {
  const read = { ...emptyPartition(), entries };
  await readNamed(reader, read, entries);
  return read;
};

const inParts = function* <One>(all: readonly One[]): Generator<One[]> {
  for (let start = 0; start < all.length; start += PART_SIZE) yield all.slice(start, start + PART_SIZE);
};

interface Names {
  player: string[];
  ticket: string[];
  match: string[];
  indexes: { key: string; index: IndexKey }[];
}

const namesOf = (keys: Keys, page: readonly string[]): Names => {
  const names: Names = { player: [], ticket: [], match: [], indexes: [] };
  // SCAN may name a key more than once.
  for (const key of new Set(page)) {
    const index = keys.indexOfKey(key);
    const player = keys.playerOfStateKey(key);
    const ticket = keys.ticketOfKey(key);
    const match = keys.matchOfKey(key);
    if (index) names.indexes.push({ key, index });
    else if (player !== undefined) names.player.push(player);
    else if (ticket !== undefined) names.ticket.push(ticket);
    else if (match !== undefined) names.match.push(match);
  }
  return names;
};

/** All entries of some indexes, a few scans' worth at a time. */
const readIndexes = async function* (redis: Redis, indexes: Names["indexes"]): AsyncGenerator<IndexEntry[]> {
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
    const entries: IndexEntry[] = [];
    for (const [n, [error, reply]] of replies.entries()) {
      const scanned = now[n];
      if (error || !scanned) throw error ?? new Error("a reply to no command");
      // Cursor, then name, value, name, value, …
      const [cursor, flat] = reply as [string, string[]];
      entries.push(...entriesOf(scanned, flat));
      if (cursor !== "0") unfinished.push({ ...scanned, cursor });
    }
    yield entries;
    open = [...unfinished, ...open.slice(now.length)];
  }
};

const entriesOf = ({ key, index }: Names["indexes"][number], flat: readonly string[]): IndexEntry[] => {
  const entries: IndexEntry[] = [];
  for (let n = 0; n + 1 < flat.length; n += 2) {
    const [member = "", value = ""] = flat.slice(n, n + 2);
    entries.push(toEntry({ key, index, member }, value));
  }
  return entries;
};
