import { type Clock, partitionsOf, type Queues, type Random } from "@muster/core";
import { type Claims, openClaims } from "../claims/open-claims.ts";
import type { Durability } from "../redis/replication.ts";
import type { Store } from "../store.ts";
import { openStores, type Stores } from "./open-stores.ts";
import { type PlayersStore, routeStore } from "./routed-store.ts";

export interface PartitionsOptions {
  url: string;
  queues: Queues;
  /** The deployment's own partition. */
  home: string;
  /** Name of the connections in Redis' client list. */
  name: string;
  /** The local clock. */
  clock: Clock;
  random: Random;
  /** Absent: fast. */
  durability?: Durability;
}

/** All partitions of a deployment, for services to which players and tickets of any of them come. */
export interface Partitions extends Stores {
  /** The queues of each, by its name. */
  readonly queues: ReadonlyMap<string, Queues>;
  /** The deployment's own one. */
  readonly home: Store;
  /** Where players may be; undefined where there is one partition only, in which all are. */
  readonly claims: Claims | undefined;
  /** What callers ask for, done in the partition that it is about. */
  readonly routed: PlayersStore;
}

export const openPartitions = async ({
  url,
  queues,
  home,
  name,
  clock,
  random,
  durability = "fast",
}: PartitionsOptions): Promise<Partitions> => {
  await using held = new AsyncDisposableStack();
  const byPartition = partitionsOf(queues, home);
  const stores = held.adopt(
    await openStores({ url, partitions: byPartition.keys(), name, clock, durability }),
    (opened) => opened.close(),
  );
  const own = stores.of(home);
  const claims =
    byPartition.size === 1
      ? undefined
      : held.adopt(
          await openClaims({ url, name, home, storeOf: (partition) => stores.all.get(partition), clock, random }),
          (opened) => opened.close(),
        );
  const release = held.move();
  return {
    ...stores,
    queues: byPartition,
    home: own,
    claims,
    // With one partition nothing is asked or routed, and nothing costs more.
    routed: claims ? routeStore({ stores, claims, home: own, queues }) : own,
    close: () => release.disposeAsync(),
  };
};
