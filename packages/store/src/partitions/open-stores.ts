import type { Clock } from "@muster/core";
import type { Retention } from "../context.ts";
import type { Durability } from "../redis/replication.ts";
import { openStore, type Store } from "../store.ts";

export interface StoresOptions {
  url: string;
  /** The first one counts as the deployment's own. */
  partitions: Iterable<string>;
  /** Name of the connections in Redis' client list. */
  name: string;
  /** The local clock. */
  clock: Clock;
  /** Absent: fast. */
  durability?: Durability;
  /** What of it is absent: as by default. */
  retention?: Partial<Retention>;
}

/** The stores of several partitions, each with a connection of its own, since each may be on another server. */
export interface Stores {
  readonly all: ReadonlyMap<string, Store>;
  /** @throws for a partition that was not asked for */
  of(partition: string): Store;
  /** Names of partitions whose Redis doesn't answer. @throws STORE_UNAVAILABLE when none does */
  unreachable(): Promise<string[]>;
  close(): Promise<void>;
}

/** Connects, as openStore does. @throws ConfigError as it does */
export const openStores = async ({ partitions, ...options }: StoresOptions): Promise<Stores> => {
  const names = [...new Set(partitions)];
  const opening = await Promise.allSettled(names.map((partition) => openStore({ ...options, partition })));
  const opened = opening.flatMap((store) => (store.status === "fulfilled" ? [store.value] : []));
  const refused = opening.find((store) => store.status === "rejected");
  if (refused) {
    await Promise.all(opened.map((store) => store.close()));
    throw refused.reason;
  }
  const all = new Map(opened.map((store) => [store.keys.partition, store]));
  return {
    all,
    of: (partition) => {
      const store = all.get(partition);
      if (!store) throw new Error(`the store of partition ${partition} is not open`);
      return store;
    },
    unreachable: async () => {
      const pings = await Promise.allSettled(opened.map((store) => store.ping()));
      const failed = pings.flatMap((ping, index) => (ping.status === "rejected" ? [{ ping, index }] : []));
      if (failed[0] && failed.length === pings.length) throw failed[0].ping.reason;
      return failed.map(({ index }) => names[index] ?? "");
    },
    close: async () => {
      await Promise.all(opened.map((store) => store.close()));
    },
  };
};
