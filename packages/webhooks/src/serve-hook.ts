import type { Clock } from "@muster/core";
import type { Deliveries, DeliveryStatus, Store } from "@muster/store";
import type { Hook } from "./hook.ts";
import { type HookDeps, type RunningHook, runHook } from "./run-hook.ts";

/** A partition of those that this process works for. */
export interface HookPlace {
  partition: string;
  store: Pick<Store, "readMatch" | "readTicket">;
  deliveries: Deliveries;
}

/** One hook in all of these partitions: each has an event stream, and a queue of messages, of its own. */
export interface ServedHook {
  hook: Hook;
  /** Whether messages of all partitions but these are being sent. */
  isReady(except: readonly string[]): boolean;
  /** The worst of them. */
  circuit(): ReturnType<RunningHook["circuit"]>;
  /** Of all together. */
  status(): Promise<DeliveryStatus>;
  switchOn(): Promise<void>;
  close(): Promise<void>;
}

export type ServeHookDeps = Omit<HookDeps, "partition" | "store" | "deliveries" | "switchOff"> & {
  places: readonly HookPlace[];
  clock: Clock;
};

export const serveHook = async ({ places, ...deps }: ServeHookDeps): Promise<ServedHook> => {
  const { hook } = deps;
  const all = places.map(({ deliveries }) => deliveries);
  // An endpoint that is gone is gone for all of them.
  const switchOff = async (at: number) => {
    await Promise.all(all.map((deliveries) => deliveries.switchOff(at)));
  };
  await using held = new AsyncDisposableStack();
  const running: { partition: string; hook: RunningHook }[] = [];
  // One after the other would add up their limits.
  held.defer(async () => {
    await Promise.all(running.map((each) => each.hook.close()));
  });
  for (const place of places) {
    running.push({ partition: place.partition, hook: await runHook({ ...deps, ...place, switchOff }) });
  }
  const release = held.move();
  return {
    hook,
    isReady: (except) => running.every((each) => except.includes(each.partition) || each.hook.isReady()),
    circuit: () => {
      const states = running.map((each) => each.hook.circuit());
      return (["open", "half open"] as const).find((state) => states.includes(state)) ?? "closed";
    },
    status: async () => sumOf(await Promise.all(all.map((deliveries) => deliveries.status()))),
    switchOn: async () => {
      await Promise.all(all.map((deliveries) => deliveries.switchOn()));
    },
    close: () => release.disposeAsync(),
  };
};

/** Counts are added; of times and errors the last one counts, of switches the first. */
const sumOf = (statuses: readonly DeliveryStatus[]): DeliveryStatus => {
  const sum: DeliveryStatus = { delivered: 0, failedTries: 0, gaveUp: 0, missed: 0, waiting: 0 };
  for (const status of statuses) {
    for (const what of ["delivered", "failedTries", "gaveUp", "missed", "waiting"] as const) sum[what] += status[what];
    const { lastDeliveredAt = 0, lastError, lastErrorAt = 0, offSince } = status;
    if (lastDeliveredAt > (sum.lastDeliveredAt ?? 0)) sum.lastDeliveredAt = lastDeliveredAt;
    if (lastErrorAt > (sum.lastErrorAt ?? 0)) Object.assign(sum, { lastErrorAt, lastError });
    if (offSince !== undefined) sum.offSince = Math.min(offSince, sum.offSince ?? offSince);
  }
  return sum;
};
