import { ticketElo } from "@muster/core";
import type { Redis } from "ioredis";
import { eloBucket, type Keys } from "../keys.ts";
import { parsePlayerState } from "../players/player-state-text.ts";
import type { Fault } from "./fault.ts";
import { looksForPlayers } from "./find-faults.ts";
import type { Elsewhere } from "./open-elsewhere.ts";
import { emptyPartition, type IndexEntry, type Partition, seenInBucket } from "./partition.ts";
import { findMatchesInto, readMatchesInto, readPlayersInto, readTicketsInto } from "./read-records.ts";

export interface Reader {
  redis: Redis;
  keys: Keys;
  /** Whether each record is watched before it is read: a transaction that follows fails when any of them changed. */
  watch: boolean;
  /** Absent: there is one partition only. */
  elsewhere?: Elsewhere | undefined;
  /** Whose it is to look at what has this id, where several look at a partition together; absent: all is this one's. */
  isOwn?: (id: string) => boolean;
}

/** What is looked at: a player, ticket or match, or what an index, `key`, names. */
export type Subject = Pick<Fault, "id" | "key">;

/**
 * Reads some of one kind and what they name, which is all by which `findFaults` finds what is wrong with them, and with
 * them only. Indexes are not watched: they change all the time, and an entry changes only together with its record.
 */
export const readAround = async (
  reader: Reader,
  about: Fault["about"],
  subjects: readonly Subject[],
): Promise<Partition> => {
  const read = emptyPartition();
  const ids = [...new Set(subjects.map(({ id }) => id))];
  switch (about) {
    case "index": {
      const places = subjects.flatMap(({ id, key }) => placeOf(reader.keys, key, id));
      await watch(
        reader,
        places.map((place) => recordKeyOf(reader.keys, place)),
      );
      await readEntries(reader, read, places);
      await readNamed(reader, read, read.entries);
      break;
    }
    case "player":
      await readPlayers(reader, read, ids);
      break;
    case "ticket":
      await readTickets(reader, read, ids);
      break;
    case "match":
      await readMatches(reader, read, ids);
      break;
  }
  return read;
};

/** Adds the records that entries of indexes name. */
export const readNamed = async (reader: Reader, read: Partition, entries: readonly IndexEntry[]): Promise<void> => {
  const { redis, keys } = reader;
  const [ofTickets, ofMatches] = [true, false].map((want) => entries.filter((entry) => namesTickets(entry) === want));
  await readTicketsInto(redis, keys, read, idsOf(ofTickets));
  await readMatchesInto(redis, keys, read, idsOf(ofMatches));
};

const idsOf = (entries: readonly Place[] = []): string[] => [...new Set(entries.map(({ member }) => member))];

type Place = Omit<IndexEntry, "value">;

const placeOf = (keys: Keys, key = "", member: string): Place[] => {
  const index = keys.indexOfKey(key);
  return index ? [{ key, index, member }] : [];
};

const namesTickets = ({ index }: Place): boolean => index.name === "eloBucket" || index.name === "due";

const recordKeyOf = (keys: Keys, place: Place): string =>
  namesTickets(place) ? keys.ticket(place.member) : keys.match(place.member);

const watch = async ({ redis, watch: isWanted }: Reader, keys: readonly string[]): Promise<void> => {
  if (isWanted && keys.length > 0) await redis.watch(...keys);
};

const readPlayers = async (reader: Reader, read: Partition, ids: readonly string[]): Promise<void> => {
  const { redis, keys } = reader;
  await watch(reader, ids.map(keys.playerState));
  await readPlayersInto(redis, keys, read, ids);
  const states = [...read.players.values()].flatMap(readableState);
  // Once its match is made a player's ticket says nothing more of it; but whoever mends may have to free the party.
  const tellsMore = reader.watch ? states : states.filter(({ state }) => state === "inqueue");
  const tickets = [...new Set(tellsMore.flatMap(({ ticket }) => ticket ?? []))];
  const matches = [...new Set(states.flatMap(({ match }) => match ?? []))];
  await watch(reader, [...tickets.map(keys.ticket), ...matches.map(keys.match)]);
  await readTicketsInto(redis, keys, read, tickets);
  await readMatchesInto(redis, keys, read, matches);
  if (reader.elsewhere) await readClaims(reader.elsewhere, keys.partition, read);
  if (!reader.watch) return;
  // To be freed together with one whose ticket is taken back.
  const party = [...read.tickets.values()].flatMap(({ request }) => request.players.map(({ id }) => id));
  const others = [...new Set(party)].filter((id) => !read.players.has(id));
  await watch(reader, others.map(keys.playerState));
  await readPlayersInto(redis, keys, read, others);
};

/** After the states, so that a claim that names this partition can't have been read before one came here. */
const readClaims = async (elsewhere: Elsewhere, partition: string, read: Partition): Promise<void> => {
  // One that is sealed may be on its way.
  const players = [...read.players].filter(([, text]) => !text.startsWith("idle "));
  const claims = await elsewhere.readClaims(players.map(([id]) => id));
  for (const [n, [id, text]] of players.entries()) {
    const claim = claims[n];
    const isSuspect = claim?.partition !== partition && readableState(text).length > 0;
    read.claims.set(id, { claim, busyIn: isSuspect ? await elsewhere.readBusy(id) : [] });
  }
};

/** One that can't be read names nothing. An idle player's last ticket says nothing of what is. */
const readableState = (text: string) => {
  try {
    const state = parsePlayerState(text);
    return state.state === "idle" ? [] : [state];
  } catch {
    return [];
  }
};

const readTickets = async (reader: Reader, read: Partition, ids: readonly string[]): Promise<void> => {
  const { redis, keys } = reader;
  await watch(reader, ids.map(keys.ticket));
  await readTicketsInto(redis, keys, read, ids);
  const tickets = [...read.tickets.entries()];
  // Of one that is matched it only counts that its match is there; but whoever mends has to know who is in it.
  const [begun, others] = [new Set<string>(), new Set<string>()];
  for (const [, { status, match }] of tickets) {
    if (match) (status === "matched" && !reader.watch ? begun : others).add(match);
  }
  await watch(reader, [...others].map(keys.match));
  await readMatchesInto(redis, keys, read, [...others]);
  await findMatchesInto(redis, keys, read, [...begun]);
  // What became of those of other tickets since then is theirs.
  const waiting = reader.watch ? tickets : tickets.filter(([, { status }]) => status === "queued");
  const players = [...new Set(waiting.flatMap(([, { request }]) => request.players.map(({ id }) => id)))];
  await watch(reader, players.map(keys.playerState));
  await readPlayersInto(redis, keys, read, players);
  const places = tickets.flatMap(([id, { queue, request, status }]) =>
    status === "queued"
      ? [keys.due(queue), keys.eloBucket(queue, eloBucket(ticketElo(request.players)))].flatMap((key) =>
          placeOf(keys, key, id),
        )
      : [],
  );
  await readEntries(reader, read, places);
};

const readMatches = async (reader: Reader, read: Partition, ids: readonly string[]): Promise<void> => {
  const { redis, keys } = reader;
  await watch(reader, ids.map(keys.match));
  await readMatchesInto(redis, keys, read, ids);
  const matches = [...read.matches.entries()].filter(([, { state }]) => state !== "ended");
  const players = new Set(
    matches.flatMap(([, { body }]) => [
      ...body.teams.flatMap((team) => team.players.map(({ id }) => id)),
      ...(body.spectators ?? []),
    ]),
  );
  await watch(reader, [...players].map(keys.playerState));
  await readPlayersInto(redis, keys, read, [...players]);
  const places = matches.flatMap(([id, match]) => {
    const { queue } = match;
    // Where one stands that looks for nobody, the index is what is wrong.
    const open = looksForPlayers(match) ? [keys.openByElo(queue), keys.openMatches(queue)] : [];
    return [keys.matchDue, ...open].flatMap((key) => placeOf(keys, key, id));
  });
  await readEntries(reader, read, places);
};

/** One command for all that one index is asked for: many stand in few. */
const readEntries = async ({ redis }: Reader, read: Partition, places: readonly Place[]): Promise<void> => {
  const pipeline = redis.pipeline();
  const ofIndexes = [...Map.groupBy(places, ({ key }) => key)];
  for (const [key, asked] of ofIndexes) {
    const members = asked.map(({ member }) => member);
    if (asked[0]?.index.type === "hash") pipeline.hmget(key, ...members);
    else pipeline.zmscore(key, ...members);
  }
  const replies = (await pipeline.exec()) ?? [];
  for (const [n, [error, found]] of replies.entries()) {
    const [, asked] = ofIndexes[n] ?? [];
    if (error || !asked) throw error ?? new Error("a reply to no command");
    for (const [m, place] of asked.entries()) {
      const value = (found as (string | null)[])[m];
      if (typeof value === "string") read.entries.push(toEntry(place, value));
    }
  }
};

/** @param value of a field; of a sorted set, its score, which says nothing here */
export const toEntry = (place: Place, value: string): IndexEntry => {
  if (place.index.type !== "hash") return place;
  // Of a ticket in its bucket, only what is looked at.
  return { ...place, value: place.index.name === "eloBucket" ? seenInBucket(value) : value };
};
