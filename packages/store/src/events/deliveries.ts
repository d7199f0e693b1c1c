import { setTimeout as sleep } from "node:timers/promises";
import { Queue } from "bullmq";
import { createKeys } from "../keys.ts";
import { connect, disconnect } from "../redis/connect.ts";
import { orUnavailable } from "../redis/store-errors.ts";
import type { EventLogOptions } from "./event-log.ts";

/** A message that is to be sent to a hook. */
export interface Delivery {
  /** The same for each try, and for a message that came to be queued twice: who gets it knows it by this. */
  id: string;
  body: string;
}

/** What a hook has come to since it was first used. Counts are of messages, but `failedTries` of tries. */
export interface DeliveryRecord {
  delivered: number;
  failedTries: number;
  /** Given up after all tries, or refused for good. */
  gaveUp: number;
  /** Events that the stream dropped before they could be queued. */
  missed: number;
  lastDeliveredAt?: number;
  lastError?: string;
  lastErrorAt?: number;
  /** Nothing is sent or queued since then, until it is switched on again. */
  offSince?: number;
}

export interface DeliveryStatus extends DeliveryRecord {
  /** Messages that are queued, for the next try too. */
  waiting: number;
}

/** A hook's messages and their fate. Operations throw STORE_UNAVAILABLE while Redis can't be used. */
export interface Deliveries {
  /** Queues messages. One that is queued, or was delivered just now, is not queued again. */
  add(deliveries: readonly Delivery[]): Promise<void>;
  waiting(): Promise<number>;
  status(): Promise<DeliveryStatus>;
  count(what: "delivered" | "failedTries" | "gaveUp" | "missed", by?: number): Promise<void>;
  note(facts: Partial<Pick<DeliveryRecord, "lastDeliveredAt" | "lastError" | "lastErrorAt">>): Promise<void>;
  switchOff(at: number): Promise<void>;
  switchOn(): Promise<void>;
  isOff(): Promise<boolean>;
  /** Messages that wait for their next try are tried at once. */
  hurry(): Promise<void>;
}

export interface DeliveryStore {
  of(hook: string): Deliveries;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** So many are kept to know a message that is queued again: that happens within seconds after a process died. */
const DELIVERED_KEPT = { age: 600, count: 2_000 };
const GIVEN_UP_KEPT = 100;
/** More than any hook is given: giving up is its worker's decision, by time. */
const TRIES = 10_000;
const HURRY_AT_ONCE = 1_000;
const CLOSE_LIMIT_MS = 3_000;

/** The BullMQ queue of a hook. */
export const deliveryQueue = (hook: string): string => `webhook-${hook}`;

/** Connects. A Redis that isn't there yet is no error. */
export const openDeliveries = async ({ url, partition, name }: EventLogOptions): Promise<DeliveryStore> => {
  const redis = connect(url, name, partition);
  const keys = createKeys(partition);
  const queues = new Map<string, Queue<Delivery>>();
  // It goes on trying by itself.
  await redis.connect().catch(() => {});

  const queueOf = (hook: string): Queue<Delivery> => {
    const found = queues.get(hook);
    if (found) return found;
    const queue = new Queue<Delivery>(deliveryQueue(hook), {
      prefix: keys.jobsPrefix,
      connection: redis,
      skipVersionCheck: true,
      defaultJobOptions: {
        attempts: TRIES,
        backoff: { type: "custom" },
        removeOnComplete: DELIVERED_KEPT,
        removeOnFail: GIVEN_UP_KEPT,
      },
    });
    // A lost connection shows in the calls that fail.
    queue.on("error", () => {});
    queues.set(hook, queue);
    return queue;
  };

  const of = (hook: string): Deliveries => {
    const queue = queueOf(hook);
    const key = keys.webhook(hook);
    const waiting = () => queue.getJobCountByTypes("waiting", "delayed", "active");
    return {
      add: (deliveries) =>
        orUnavailable(async () => {
          if (deliveries.length === 0) return;
          await queue.addBulk(deliveries.map((data) => ({ name: "send", data, opts: { jobId: data.id } })));
        }),
      waiting: () => orUnavailable(waiting),
      status: () => orUnavailable(async () => ({ ...parseRecord(await redis.hgetall(key)), waiting: await waiting() })),
      count: (what, by = 1) =>
        orUnavailable(async () => {
          await redis.hincrby(key, what, by);
        }),
      note: (facts) =>
        orUnavailable(async () => {
          await redis.hset(key, facts);
        }),
      switchOff: (at) =>
        orUnavailable(async () => {
          await redis.hsetnx(key, "offSince", at);
          await queue.pause();
        }),
      switchOn: () =>
        orUnavailable(async () => {
          await queue.resume();
          await redis.hdel(key, "offSince");
        }),
      isOff: () => orUnavailable(async () => (await redis.hexists(key, "offSince")) === 1),
      hurry: () => orUnavailable(() => queue.promoteJobs({ count: HURRY_AT_ONCE })),
    };
  };

  return {
    of,
    ping: () =>
      orUnavailable(async () => {
        await redis.ping();
      }),
    close: async () => {
      const closing = Promise.all([...queues.values()].map((queue) => queue.close().catch(() => {})));
      // BullMQ waits without end while it has no connection.
      await Promise.race([closing, sleep(CLOSE_LIMIT_MS, undefined, { ref: false })]);
      await disconnect(redis);
    },
  };
};

const parseRecord = (record: Readonly<Record<string, string>>): DeliveryRecord => {
  const { lastDeliveredAt, lastError, lastErrorAt, offSince } = record;
  return {
    delivered: Number(record.delivered ?? 0),
    failedTries: Number(record.failedTries ?? 0),
    gaveUp: Number(record.gaveUp ?? 0),
    missed: Number(record.missed ?? 0),
    ...(lastDeliveredAt && { lastDeliveredAt: Number(lastDeliveredAt) }),
    ...(lastError && { lastError }),
    ...(lastErrorAt && { lastErrorAt: Number(lastErrorAt) }),
    ...(offSince && { offSince: Number(offSince) }),
  };
};
