import type { Clock, Random } from "@muster/core";
import type { Logger } from "@muster/core/service";
import {
  type Deliveries,
  type Delivery,
  type DeliveryWorker,
  openDeliveryWorker,
  openEventGroup,
  type Store,
  type TryHistory,
} from "@muster/store";
import { createCircuit } from "./circuit.ts";
import { dispatch } from "./dispatch.ts";
import type { Hook } from "./hook.ts";
import { type Tried, tryDelivery } from "./try-delivery.ts";

/** Events of a process that died go to another one after so long. */
const TAKE_OVER_AFTER_MS = 10_000;

export interface HookDeps {
  hook: Hook;
  url: string;
  partition: string;
  name: string;
  deliveries: Deliveries;
  /** Its endpoint is gone for good, whatever partition a message is of. */
  switchOff(at: number): Promise<void>;
  store: Pick<Store, "readMatch" | "readTicket">;
  clock: Clock;
  random: Random;
  timeoutMs: number;
  giveUpAfterMs: number;
  maxWaiting: number;
  log: Logger;
}

export interface RunningHook {
  isReady(): boolean;
  /** Of this process' tries for this partition; each finds out for itself. */
  circuit(): "closed" | "open" | "half open";
  close(): Promise<void>;
}

/** Runs one hook for one partition: events become messages, messages are sent. Hooks share nothing, so that none can slow another. */
export const runHook = async (deps: HookDeps): Promise<RunningHook> => {
  const { hook, deliveries, log, clock } = deps;
  const connection = { url: deps.url, partition: deps.partition, name: deps.name };
  const circuit = createCircuit(deps.random);
  const stop = new AbortController();
  let reopening: NodeJS.Timeout | undefined;

  const learn = async (worker: DeliveryWorker, tried: Tried): Promise<void> => {
    if (tried.endpoint === "alive") {
      if (!circuit.succeeded()) return;
      log.info({ hook: hook.id }, "the endpoint answers again");
      await worker.resume(hook.concurrency);
      await deliveries.hurry();
    } else if (tried.endpoint === "gone") {
      log.warn({ hook: hook.id }, "the endpoint answered 410: the hook is switched off");
      await deps.switchOff(clock.now());
    } else {
      const pauseMs = circuit.failed();
      if (pauseMs === undefined) return;
      // Once for each pause, not for each message.
      log.warn(
        { hook: hook.id, pauseMs, reason: "reason" in tried ? tried.reason : "" },
        "the endpoint fails: pausing",
      );
      await worker.pause();
      reopening = setTimeout(() => {
        circuit.probe();
        void worker.resume(1);
      }, pauseMs);
    }
  };

  const send = async (delivery: Delivery, history: TryHistory) => {
    const tried = await tryDelivery(deps, delivery, history);
    // What can't be noted must not make a message fail that was delivered.
    await note(deliveries, tried, clock.now())
      .then(() => learn(worker, tried))
      .catch((error) => log.warn({ hook: hook.id, err: error }, "a try can't be noted"));
    return tried;
  };

  await using held = new AsyncDisposableStack();
  const group = held.adopt(
    await openEventGroup({
      ...connection,
      group: `webhook-${hook.id}`,
      reader: deps.name,
      takeOverAfterMs: TAKE_OVER_AFTER_MS,
    }),
    (opened) => opened.close(),
  );
  const onError = (error: Error) => log.warn({ hook: hook.id, err: error }, "the worker met an error");
  const worker = held.adopt(
    openDeliveryWorker({ ...connection, hook: hook.id, concurrency: hook.concurrency, onError }, send),
    (opened) => opened.close(),
  );
  held.defer(() => clearTimeout(reopening));
  const dispatching = dispatch({ ...deps, group, signal: stop.signal });
  held.defer(async () => {
    stop.abort();
    await dispatching;
  });
  const release = held.move();
  return { isReady: worker.isReady, circuit: () => circuit.state, close: () => release.disposeAsync() };
};

const note = async (deliveries: Deliveries, tried: Tried, now: number): Promise<void> => {
  if (tried.kind === "delivered") {
    await Promise.all([deliveries.count("delivered"), deliveries.note({ lastDeliveredAt: now })]);
    return;
  }
  await Promise.all([
    deliveries.count("failedTries"),
    ...(tried.kind === "never" ? [deliveries.count("gaveUp")] : []),
    deliveries.note({ lastError: tried.reason, lastErrorAt: now }),
  ]);
};
