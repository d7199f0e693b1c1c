import { ticketElo } from "@muster/core";
import type { Redis } from "ioredis";
import { eloBucket, type IndexKey, type Keys } from "../keys.ts";
import { parsePlayerState } from "../players/player-state-text.ts";
import type { Fault } from "./fault.ts";
import { emptyPartition, type Partition, seenInBucket } from "./partition.ts";
import { readMatchesInto, readPlayersInto, readTicketsInto } from "./read-records.ts";

/**
 * Reads what one fault is about and what that names, so that `findFaults` finds the fault again if it is still there.
 * Each record is watched before it is read: a transaction that follows fails when any of them changed. Indexes are not:
 * they change all the time, and an entry changes only together with its record.
 */
export const readAround = async (redis: Redis, keys: Keys, fault: Fault): Promise<Partition> => {
  const read = emptyPartition();
  switch (fault.about) {
    case "index":
      await readEntry(redis, keys, read, fault);
      break;
    case "player":
      await readPlayer(redis, keys, read, fault.id);
      break;
    case "ticket":
      await readTicket(redis, keys, read, fault.id);
      break;
    case "match":
      await readMatch(redis, keys, read, fault.id);
      break;
  }
  return read;
};

const readEntry = async (redis: Redis, keys: Keys, read: Partition, { key = "", id }: Fault): Promise<void> => {
  const index = keys.indexOfKey(key);
  if (!index) return;
  const ofTickets = index.name === "eloBucket" || index.name === "due";
  await redis.watch(ofTickets ? keys.ticket(id) : keys.match(id));
  await (ofTickets ? readTicketsInto : readMatchesInto)(redis, keys, read, [id]);
  await addEntry(redis, read, { key, index, member: id });
};

const readPlayer = async (redis: Redis, keys: Keys, read: Partition, id: string): Promise<void> => {
  await redis.watch(keys.playerState(id));
  await readPlayersInto(redis, keys, read, [id]);
  const text = read.players.get(id);
  if (text === undefined) return;
  const { ticket, match } = parsePlayerState(text);
  const named = [...(ticket ? [keys.ticket(ticket)] : []), ...(match ? [keys.match(match)] : [])];
  if (named.length > 0) await redis.watch(...named);
  await readTicketsInto(redis, keys, read, ticket ? [ticket] : []);
  await readMatchesInto(redis, keys, read, match ? [match] : []);
};

const readTicket = async (redis: Redis, keys: Keys, read: Partition, id: string): Promise<void> => {
  await redis.watch(keys.ticket(id));
  await readTicketsInto(redis, keys, read, [id]);
  const ticket = read.tickets.get(id);
  if (!ticket) return;
  const { queue, request, match } = ticket;
  if (match) {
    await redis.watch(keys.match(match));
    await readMatchesInto(redis, keys, read, [match]);
  }
  const players = request.players.map((player) => player.id);
  await redis.watch(...players.map(keys.playerState));
  await readPlayersInto(redis, keys, read, players);
  for (const key of [keys.due(queue), keys.eloBucket(queue, eloBucket(ticketElo(request.players)))]) {
    await addEntry(redis, read, { key, index: keys.indexOfKey(key), member: id });
  }
};

const readMatch = async (redis: Redis, keys: Keys, read: Partition, id: string): Promise<void> => {
  await redis.watch(keys.match(id));
  await readMatchesInto(redis, keys, read, [id]);
  await addEntry(redis, read, { key: keys.matchDue, index: keys.indexOfKey(keys.matchDue), member: id });
};

const addEntry = async (
  redis: Redis,
  read: Partition,
  { key, index, member }: { key: string; index: IndexKey | undefined; member: string },
): Promise<void> => {
  if (!index) return;
  const found = index.type === "hash" ? await redis.hget(key, member) : await redis.zscore(key, member);
  if (found === null) return;
  read.entries.push({ key, index, member, ...(index.name === "eloBucket" && { value: seenInBucket(found) }) });
};
