/** The orchestrator without HTTP, and who calls it: offers players of a crowd at a given rate. */
import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_PARTITION, MusterError, type Queue } from "@muster/core";
import { readQueues, silentLogger, systemClock, systemIds, systemRandom } from "@muster/core/service";
import {
  type Admission,
  createAdmission,
  createNewTicketSearches,
  enqueue,
  type NewTicketSearches,
  type OperationContext,
} from "@muster/orchestrator";
import { openPartitions, openProducer, type Partitions } from "@muster/store";
import { answerCalls, type Calls } from "../child.ts";
import { type Crowd, PER_CALL, placeOf, readCrowd } from "./crowd.ts";
import { wallNow } from "./wall-now.ts";

export interface EnqueueCalls extends Calls {
  open(order: {
    redisUrl: string;
    queuesFile: string;
    /** Players come to each in turn, some dozens at a time. */
    queues: string[];
    gatherMs: number;
    maxDelayMs: number;
  }): Promise<void>;
  /** Resolves when all have their answers. */
  offer(order: Offer): Promise<Offered>;
  /** Brings each player to the partition to which it will come, as if it had been there before. */
  settle(order: { crowd: string; count: number }): Promise<void>;
  /** As many as `allow` lets in. */
  flood(order: { crowd: string; seed: number; count: number }): Promise<void>;
  /** How many of a flood may have come to each queue by now; none at all ends it. */
  allow(players: readonly number[]): void;
  /** Hands out what is gathered. */
  close(): Promise<void>;
}

export interface Offer {
  crowd: string;
  seed: number;
  count: number;
  /** Players per second, evenly spaced. */
  rate: number;
}

export interface Offered {
  /** ms since the epoch at which each was to arrive, whether or not there was time for it then. */
  dueAt: Float64Array;
  /** The numbers of those who were not accepted. */
  refused: number[];
  firstRefusal?: string;
  /** How much later than it should the last call was made, ms. */
  behindMs: number;
}

/** Calls under way at once, in a flood for each queue: what doesn't fit waits, and counts from when it was due. */
const CALLS_MOST = 16;
const TICK_MS = 2;

let context: OperationContext;
const searches = new Map<string | undefined, NewTicketSearches>();
let queues: Queue[];
let partitions: Partitions;

const open: EnqueueCalls["open"] = async ({ redisUrl: url, queuesFile, queues: names, gatherMs, maxDelayMs }) => {
  const all = await readQueues(queuesFile);
  queues = names.map((name) => {
    const queue = all.get(name);
    if (!queue) throw new Error(`no queue ${name}`);
    return queue;
  });
  const about = { url, queues: all, home: DEFAULT_PARTITION, name: "bench-enqueue" };
  partitions = await openPartitions({ ...about, clock: systemClock, random: systemRandom });
  const admissions = new Map<string | undefined, Admission>();
  for (const [name, own] of partitions.queues) {
    const store = partitions.of(name);
    const producer = openProducer("search", { url, keys: store.keys, name: "bench-enqueue" });
    const partition = name === DEFAULT_PARTITION ? undefined : name;
    const made = createNewTicketSearches({ store, searches: producer }, gatherMs, silentLogger);
    searches.set(partition, made);
    const deps = { store, searches: made, queues: own, log: silentLogger };
    admissions.set(partition, createAdmission(deps, maxDelayMs));
  }
  context = {
    ...{ name: "bench", store: partitions.routed, queues: all, ids: systemIds },
    searches: { add: (queue, ticket) => searches.get(queue.partition)?.add(queue, ticket) },
    admission: { refusal: (queue, tickets) => admissions.get(queue.partition)?.refusal(tickets) },
  };
};

const offer = async ({ crowd: name, seed, count, rate }: Offer): Promise<Offered> => {
  const crowd = await readCrowd(name, seed);
  const beginAt = wallNow() + 10;
  const dueAt = Float64Array.from({ length: count }, (_, index) => beginAt + (index * 1_000) / rate);
  const offered: Offered = { dueAt, refused: [], behindMs: 0 };
  const underWay = new Set<Promise<void>>();
  for (let sent = 0; sent < count; ) {
    await sleep(TICK_MS);
    const due = Math.min(count, Math.floor(((wallNow() - beginAt) * rate) / 1_000));
    while (sent < due) {
      if (underWay.size >= CALLS_MOST) await Promise.race(underWay);
      const to = Math.min(due, sent + PER_CALL);
      const call = send(crowd, sent, to, offered).finally(() => underWay.delete(call));
      underWay.add(call);
      sent = to;
    }
    if (sent > 0) offered.behindMs = wallNow() - (dueAt[sent - 1] ?? 0);
  }
  await Promise.all(underWay);
  return offered;
};

const settle: EnqueueCalls["settle"] = async ({ crowd: name, count }) => {
  const crowd = await readCrowd(name, 0);
  for (let from = 0; from < count; from += PER_CALL) {
    const players = Array.from({ length: Math.min(PER_CALL, count - from) }, (_, n) => crowd.id(from + n));
    const partition = queues[placeOf(from, queues.length)]?.partition ?? DEFAULT_PARTITION;
    const kept = await partitions.claims?.bring(players, partition, { heedCoolDowns: false });
    if (kept && kept.size > 0) throw new Error(`players could not be brought to ${partition}`);
  }
};

let allowed: readonly number[] = [];

/** Each queue for itself, so that a slow one keeps nobody from the others. */
const flood: EnqueueCalls["flood"] = async ({ crowd: name, seed, count }) => {
  const crowd = await readCrowd(name, seed);
  const offered: Offered = { dueAt: new Float64Array(), refused: [], behindMs: 0 };
  allowed = queues.map(() => 0);
  await Promise.all(queues.map((_, place) => floodOne(crowd, place, count, offered)));
  if (offered.refused.length > 0) throw new Error(`players were refused: ${offered.firstRefusal}`);
};

const floodOne = async (crowd: Crowd, place: number, count: number, offered: Offered): Promise<void> => {
  const underWay = new Set<Promise<void>>();
  const isOver = (from: number) => from >= count || allowed.length === 0;
  for (let [from, sent] = [place * PER_CALL, 0]; !isOver(from); ) {
    while (sent < (allowed[place] ?? 0) && from < count && underWay.size < CALLS_MOST) {
      const to = Math.min(count, from + PER_CALL);
      const call = send(crowd, from, to, offered).finally(() => underWay.delete(call));
      underWay.add(call);
      sent += to - from;
      from += queues.length * PER_CALL;
    }
    await sleep(1);
  }
  await Promise.all(underWay);
};

const send = async (crowd: Crowd, from: number, to: number, offered: Offered): Promise<void> => {
  const queue = queues[placeOf(from, queues.length)];
  if (!queue) throw new Error("there is a queue");
  const requests = Array.from({ length: to - from }, (_, n) => ({
    players: [{ id: crowd.id(from + n), ...crowd.person(from + n) }],
  }));
  const results = await enqueue(context, queue, requests).catch((error: unknown) => {
    if (!(error instanceof MusterError)) throw error;
    return requests.map(() => error);
  });
  results.forEach((result, n) => {
    if (!(result instanceof MusterError)) return;
    offered.refused.push(from + n);
    offered.firstRefusal ??= result.message;
  });
};

const allow = (players: readonly number[]) => {
  allowed = players;
};

const closeAll = async () => {
  await Promise.all([...searches.values()].map((each) => each.close()));
};

answerCalls({ open, offer, settle, flood, allow, close: closeAll } satisfies EnqueueCalls as Calls);
