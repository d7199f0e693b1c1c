import {
  createProfileCheck,
  INSTANT_DEFAULTS,
  INSTANT_QUEUE,
  idsIn,
  isInstant,
  type Queue,
  type Queues,
  type Random,
} from "@muster/core";
import { type InstantFeed, type Keys, openInstantFeed } from "@muster/store";
import type { InstantContext } from "./instant-context.ts";
import { createInstantHub } from "./instant-hub.ts";
import { createRequestLimit } from "./request-limits.ts";

export interface InstantOptions
  extends Pick<InstantContext, "store" | "watches" | "presence" | "current" | "ids" | "log"> {
  url: string;
  keysOf: (queue: Pick<Queue, "partition">) => Keys;
  name: string;
  queues: Queues;
  random: Random;
}

export interface Instant {
  context: InstantContext;
  close(): Promise<void>;
}

/** Instant matching at this playserver; undefined where the deployment declares none. */
export const openInstant = async (options: InstantOptions): Promise<Instant | undefined> => {
  const { url, keysOf, name, queues, random, log, ids, ...shared } = options;
  const queue = queues.get(INSTANT_QUEUE);
  if (!queue || !isInstant(queue)) return undefined;
  const hub = createInstantHub(queue, INSTANT_DEFAULTS, shared.store.clock, random);
  const feed: InstantFeed = await openInstantFeed({
    ...{ url, keys: keysOf(queue), name, store: shared.store.instant },
    onNews: hub.onNews,
    known: () => hub.known,
    onTrouble: (error) => log.warn({ err: error }, "the wait list can't be followed right now; trying again"),
  });
  const checkProfile = createProfileCheck(queue.instant);
  return {
    context: {
      ...{ queue, hub, feed, checkProfile, countRequest: createRequestLimit(), log, ids: idsIn(ids, queue.partition) },
      ...shared,
    },
    close: async () => {
      hub.close();
      await feed.close();
    },
  };
};
