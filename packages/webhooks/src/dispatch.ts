import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@muster/core/service";
import { type Deliveries, EVENTS_PER_ENTRY, type EventGroup, type Store } from "@muster/store";
import type { Hook } from "./hook.ts";
import { toDelivery, wants } from "./to-delivery.ts";

/** Entries of the stream. */
const AT_ONCE = 40;
const RETRY_MS = 500;
/** How often a hook that is full or off is looked at. */
const PAUSE_MS = 1_000;

export interface DispatchDeps {
  hook: Hook;
  partition: string;
  group: EventGroup;
  deliveries: Deliveries;
  store: Pick<Store, "readMatch" | "readTicket">;
  maxWaiting: number;
  log: Logger;
  signal: AbortSignal;
}

/**
 * Turns events into messages for one hook until the signal. An entry is confirmed when its events' messages are queued, and
 * entries of a dispatcher that died go to another one, so that each is queued at least once. While the hook is off, or
 * has as many messages as it may have, events stay in the stream; what the stream drops meanwhile is counted.
 */
export const dispatch = async (deps: DispatchDeps): Promise<void> => {
  const { group, deliveries, signal, log, hook } = deps;
  let failing = false;
  let full = false;
  while (!signal.aborted) {
    try {
      const room = (await deliveries.isOff()) ? 0 : deps.maxWaiting - (await deliveries.waiting());
      if (room <= 0 && !full) log.warn({ hook: hook.id }, "the hook takes no more messages: its events wait");
      full = room <= 0;
      if (full) await sleep(PAUSE_MS, undefined, { signal });
      else if ((await dispatchSome(deps, Math.min(Math.ceil(room / EVENTS_PER_ENTRY), AT_ONCE))) === 0)
        await group.wait();
      failing = false;
    } catch (error) {
      if (signal.aborted) return;
      if (!failing) log.warn({ hook: hook.id, err: error }, "events can't be read right now; trying again");
      failing = true;
      await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }
};

/** @param limit entries at most @returns how many were handled */
export const dispatchSome = async (deps: Omit<DispatchDeps, "signal" | "maxWaiting">, limit: number) => {
  const { hook, group, deliveries, store, partition, log } = deps;
  const { events, entries, missed } = await group.take(limit);
  if (missed > 0) {
    log.error({ hook: hook.id, missed }, "entries were dropped by the stream before the hook could be told of them");
    await deliveries.count("missed", missed);
  }
  const wanted = events.filter((event) => wants(hook, event));
  await deliveries.add(await Promise.all(wanted.map((event) => toDelivery(event, partition, store))));
  await group.confirm(entries);
  return entries.length;
};
