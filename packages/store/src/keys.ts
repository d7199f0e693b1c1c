/**
 * Every Redis key of Muster, and the parsers beside them. A key spelled anywhere else is a defect.
 * All keys of a partition share one hash tag and so one Redis slot. ARCHITECTURE.md lists type, fields, writer and
 * lifetime of each: when a key changes here, it changes there.
 */

import { fnv1a } from "@muster/core";

/** Elo points per bucket of the range index: narrow enough that the tightest spread reads few tickets too many. */
export const ELO_BUCKET_WIDTH = 25;

export const eloBucket = (elo: number): number => Math.floor(elo / ELO_BUCKET_WIDTH);

/** No id of a player may begin with a dash, so no player can ever have this one. */
export const PROBE_PLAYER = "-probe";

/** Players' claims are spread over so many slots. A number for good: with another one, claims would not be found. */
export const CLAIM_SHARDS = 16;

export const claimShardOf = (player: string): number => (fnv1a(player) >>> 0) % CLAIM_SHARDS;

/** No partition's name has a colon. */
export const claimTag = (shard: number): string => `claim:${shard}`;

/** string: in which partition a player may be. The only keys outside of partitions. */
export const claimKey = (player: string): string => `{${claimTag(claimShardOf(player))}}:player:${player}`;

/** The key of nobody's claim, in a shard. */
export const claimProbeKey = (shard: number): string => `{${claimTag(shard)}}:player:${PROBE_PLAYER}`;

/** The player of a claim's key; undefined for any other key. */
export const playerOfClaimKey = (key: string): string | undefined => /^\{claim:\d+\}:player:(.+)$/.exec(key)?.[1];

/** An index of tickets or matches, as its key tells. */
export type IndexKey =
  | { name: "eloBucket"; type: "hash"; queue: string; bucket: number }
  | { name: "due" | "openByElo"; type: "zset"; queue: string }
  | { name: "openMatches"; type: "hash"; queue: string }
  | { name: "matchDue"; type: "zset"; queue: "" };

export interface Keys {
  partition: string;
  /** string: a player's state; the key that is watched by commits and announced by Redis. */
  playerState(player: string): string;
  /** The player of a state key; undefined for any other key. */
  playerOfStateKey(key: string): string | undefined;
  /** string: until when a player may not queue, and how often it declined. */
  coolDown(player: string): string;
  /** hash, queue → rating as text: what Muster keeps of a player in queues with ratings. */
  ratings(player: string): string;
  /** hash: a ticket, also after its end until its retention is over. */
  ticket(ticket: string): string;
  /** zset, ids of tickets that were matched together, with blanks between, by the ms at which their records are dropped. */
  endedTickets: string;
  /** stream, capped by time: the tickets that each search has taken. */
  proposed: string;
  /** hash, ticket id → packed ticket: the tickets that wait in one bucket of the elo axis. */
  eloBucket(queue: string, bucket: number): string;
  /** zset, ticket id by the ms at which it must be looked at again: the next try, or its deadline. */
  due(queue: string): string;
  /** zset, match id by the mean elo of its players: the matches that look for players. */
  openByElo(queue: string): string;
  /** hash, match id → packed open match: the same matches. */
  openMatches(queue: string): string;
  /** list of ms, newest first: how long the last matched tickets waited. */
  waits(queue: string): string;
  /** hash: a match. */
  match(match: string): string;
  /** zset, match id by the ms at which something about the match is to be settled: its end, or sooner. */
  matchDue: string;
  /** stream, capped: what happened. */
  events: string;
  /** hash: n, events told by calls that tell of several; and of each 200th part of those that are kept, the entry that told of its first. */
  eventMarks: string;
  /** zset, user by the ms until which it is avoided: with whom a user was matched last by instant matching. */
  partners(player: string): string;
  /** channel, no key: who began or ceased to wait for an instant match. */
  instantChannel: string;
  /** zset, player by the ms until which it is known to be there; who never had a connection isn't in it. */
  presence: string;
  /** hash, player → token of the connection that stands for it. */
  presenceHolders: string;
  /** string, a number: the format of the partition's keys and jobs. */
  format: string;
  /** string, JSON: what the doctor found when it last looked at everything. */
  diagnosis: string;
  /** string: for which server the sweepers have looked at everything, until they do again. */
  doctorLease: string;
  /** hash, name → JSON: what each service said of itself last. */
  services: string;
  /** zset, name by the ms at which it said so. */
  servicesSeen: string;
  /** hash: how a webhook does, by its id. */
  webhook(hook: string): string;
  /** string: who leads the movers, until it expires. */
  moverLease: string;
  /** string, empty: written before replicas are waited for; see replication.ts. */
  replicationMark: string;
  /** string: the token that a commit must find unchanged. */
  moverFence: string;
  /** The ticket or the match of a record's key; undefined for any other key. */
  ticketOfKey(key: string): string | undefined;
  matchOfKey(key: string): string | undefined;
  /** Which index a key is; undefined for any other key. */
  indexOfKey(key: string): IndexKey | undefined;
  /** Prefix of the counters of callers' calls. */
  rateLimits: string;
  /** Prefix of BullMQ's own keys. */
  jobsPrefix: string;
}

export const createKeys = (partition: string): Keys => {
  const tag = `{${partition}}`;
  const stateStart = `${tag}:player:`;
  const stateEnd = ":state";
  const after = (prefix: string) => (key: string) => (key.startsWith(prefix) ? key.slice(prefix.length) : undefined);
  const matchDue = `${tag}:match-due`;
  return {
    partition,
    playerState: (player) => `${stateStart}${player}${stateEnd}`,
    playerOfStateKey: (key) =>
      key.startsWith(stateStart) && key.endsWith(stateEnd) ? key.slice(stateStart.length, -stateEnd.length) : undefined,
    coolDown: (player) => `${stateStart}${player}:cooldown`,
    ratings: (player) => `${stateStart}${player}:ratings`,
    ticket: (ticket) => `${tag}:ticket:${ticket}`,
    endedTickets: `${tag}:tickets:ended`,
    proposed: `${tag}:proposed`,
    eloBucket: (queue, bucket) => `${tag}:queue:${queue}:elo:${bucket}`,
    due: (queue) => `${tag}:queue:${queue}:due`,
    openByElo: (queue) => `${tag}:queue:${queue}:open`,
    openMatches: (queue) => `${tag}:queue:${queue}:open:matches`,
    waits: (queue) => `${tag}:queue:${queue}:waits`,
    match: (match) => `${tag}:match:${match}`,
    matchDue,
    events: `${tag}:events`,
    eventMarks: `${tag}:events:marks`,
    partners: (player) => `${stateStart}${player}:met`,
    instantChannel: `${tag}:instant`,
    presence: `${tag}:presence`,
    presenceHolders: `${tag}:presence:holders`,
    format: `${tag}:format`,
    diagnosis: `${tag}:diagnosis`,
    doctorLease: `${tag}:doctor:lease`,
    services: `${tag}:services`,
    servicesSeen: `${tag}:services:seen`,
    webhook: (hook) => `${tag}:webhook:${hook}`,
    moverLease: `${tag}:mover:lease`,
    replicationMark: `${tag}:replication-mark`,
    moverFence: `${tag}:mover:fence`,
    ticketOfKey: after(`${tag}:ticket:`),
    matchOfKey: after(`${tag}:match:`),
    indexOfKey: (key) =>
      key === matchDue ? { name: "matchDue", type: "zset", queue: "" } : queueIndexOf(after(`${tag}:queue:`)(key)),
    rateLimits: `${tag}:rate`,
    jobsPrefix: `${tag}:jobs`,
  };
};

/** @param rest of the key behind `queue:` */
const queueIndexOf = (rest = ""): IndexKey | undefined => {
  const [, queue = "", name, bucket] = /^([^:]+):(elo:(-?\d+)|due|open|open:matches)$/.exec(rest) ?? [];
  switch (name) {
    case undefined:
      return undefined;
    case "due":
      return { name: "due", type: "zset", queue };
    case "open":
      return { name: "openByElo", type: "zset", queue };
    case "open:matches":
      return { name: "openMatches", type: "hash", queue };
    default:
      return { name: "eloBucket", type: "hash", queue, bucket: Number(bucket) };
  }
};
