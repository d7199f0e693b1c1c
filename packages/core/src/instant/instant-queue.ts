import { type Queue, toQueue } from "../queue-definition.ts";
import type { InstantDefinition } from "./instant-definition.ts";

/** The name of the queue in which requests for instant matches wait. No other queue may have it. */
export const INSTANT_QUEUE = "instant";

/** A queue for which nothing is searched: its pairs are claimed by their clients. */
export type InstantQueue = Queue & { readonly instant: InstantDefinition };

/** The queue of a deployment's instant matching, so that tickets, matches and states of it are like any other's. */
export const toInstantQueue = (instant: InstantDefinition): InstantQueue => {
  const { partition, expireAfterMs, matchLengthMs, maxWaiting } = instant;
  const queue = toQueue(INSTANT_QUEUE, {
    title: "Instant match",
    teams: { count: 2, size: 1 },
    maxPartySize: 1,
    steps: [{ fromTry: 0 }],
    retryEveryMs: 1_000,
    // Who is gone is off the list at once, and its request is over.
    graceMs: 0,
    ...{ expireAfterMs, matchLengthMs, maxWaiting },
    ...(partition !== undefined && { partition }),
  });
  return Object.freeze({ ...queue, instant });
};

export const isInstant = (queue: Queue): queue is InstantQueue => queue.instant !== undefined;
