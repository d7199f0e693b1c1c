import type { Clock, StreamEvent } from "@muster/core";
import { systemClock } from "@muster/core/service";
import { Redis } from "ioredis";
import { toEntry } from "../events/read-events.ts";
import { createKeys } from "../keys.ts";
import { openStore, type Store } from "../store.ts";
import { findInconsistencies } from "./find-inconsistencies.ts";
import { startTestRedis, type TestRedis } from "./redis-server.ts";

export interface TestStore {
  redis: TestRedis;
  store: Store;
  /** For looking at what is in Redis. */
  raw: Redis;
  /** All that the event stream tells, oldest first. */
  events(): Promise<StreamEvent["event"][]>;
  inconsistencies(): Promise<string[]>;
  stop(): Promise<void>;
}

/** A store on a Redis of its own. */
export const openTestStore = async (clock: Clock = systemClock): Promise<TestStore> => {
  const redis = await startTestRedis();
  const keys = createKeys("main");
  const store = await openStore({ url: redis.url, partition: "main", name: "test", clock });
  // Waits for a Redis that the test took away to come back.
  const raw = new Redis(redis.url, { retryStrategy: () => 50 }).on("error", () => {});
  return {
    redis,
    store,
    raw,
    events: async () =>
      (await raw.xrange(keys.events, "-", "+")).flatMap((entry) => toEntry(entry).events.map(({ event }) => event)),
    inconsistencies: () => findInconsistencies(raw, keys),
    stop: async () => {
      raw.disconnect();
      await store.close();
      await redis.stop();
    },
  };
};
