import { setTimeout as sleep } from "node:timers/promises";
import { UnrecoverableError, Worker } from "bullmq";
import { createKeys } from "../keys.ts";
import { connectForWorker } from "../redis/connect.ts";
import { type Delivery, deliveryQueue } from "./deliveries.ts";
import type { EventLogOptions } from "./event-log.ts";

/** What became of a try to send a message. */
export type TryOutcome =
  | { kind: "delivered" }
  /** It is tried again after so many ms. */
  | { kind: "again"; afterMs: number; reason: string }
  | { kind: "never"; reason: string };

/** What a try is told of its message's past. */
export interface TryHistory {
  /** Tries before this one. */
  tries: number;
  /** When the message was queued, ms since the epoch, by the clock of whoever queued it. */
  queuedAt: number;
}

export interface DeliveryWorker {
  isReady(): boolean;
  /** Takes no further message until `resume`; those under way go on. */
  pause(): Promise<void>;
  /** @param concurrency messages at a time from now on */
  resume(concurrency: number): Promise<void>;
  /** Takes no further message and waits for those under way, a few seconds at most. */
  close(): Promise<void>;
}

/** A dead worker's message is tried again after about these two together. */
const LOCK_MS = 8_000;
const STALLED_CHECK_MS = 4_000;
/** However often its workers died, a message is not given up for that. */
const MAX_STALLS = 1_000;
const IDLE_WAIT_S = 10;
/** A try may last this long, so that it is seldom cut off and made twice. */
const CLOSE_LIMIT_MS = 6_000;

class Again extends Error {
  readonly afterMs: number;

  constructor({ reason, afterMs }: { reason: string; afterMs: number }) {
    super(reason);
    this.afterMs = afterMs;
  }
}

/** Sends a hook's messages, oldest first; several at a time, so that they may arrive in another order. */
export const openDeliveryWorker = (
  options: EventLogOptions & { hook: string; concurrency: number; onError: (error: Error) => void },
  send: (delivery: Delivery, history: TryHistory) => Promise<TryOutcome>,
): DeliveryWorker => {
  // Ours, so that it can be ended when BullMQ doesn't: a worker waits for Redis however long it takes.
  const connection = connectForWorker(options.url, options.name, options.partition);
  const worker = new Worker<Delivery>(
    deliveryQueue(options.hook),
    async (job) => {
      const outcome = await send(job.data, { tries: job.attemptsMade, queuedAt: job.timestamp });
      if (outcome.kind === "again") throw new Again(outcome);
      if (outcome.kind === "never") throw new UnrecoverableError(outcome.reason);
    },
    {
      prefix: createKeys(options.partition).jobsPrefix,
      connection,
      concurrency: options.concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: MAX_STALLS,
      drainDelay: IDLE_WAIT_S,
      skipVersionCheck: true,
      settings: {
        backoffStrategy: (_tries, _type, error) => (error instanceof Again ? error.afterMs : LOCK_MS),
      },
    },
  );
  worker.on("error", options.onError);
  return {
    isReady: () => worker.isRunning() && connection.status === "ready",
    pause: () => worker.pause(true),
    resume: async (concurrency) => {
      worker.concurrency = concurrency;
      await worker.resume();
    },
    close: async () => {
      const closing = worker.close().catch(() => {});
      await Promise.race([closing, sleep(CLOSE_LIMIT_MS, undefined, { ref: false })]);
      connection.disconnect();
    },
  };
};
