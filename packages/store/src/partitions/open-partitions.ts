import { partitionsOf, type Queues, type Random } from "@muster/core";
import { type Claims, openClaims } from "../claims/open-claims.ts";
import type { Store } from "../store.ts";
import { openStores, type Stores, type StoresOptions } from "./open-stores.ts";
import { type PlayersStore, routeStore } from "./routed-store.ts";

export interface PartitionsOptions extends Omit<StoresOptions, "partitions"> {
  queues: Queues;
  /** The deployment's own partition. */
  home: string;
  random: Random;
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

export const openPartitions = async ({ queues, home, random, ...options }: PartitionsOptions): Promise<Partitions> => {
  const { url, name, clock } = options;
  await using held = new AsyncDisposableStack();
  const byPartition = partitionsOf(queues, home);
  const stores = held.adopt(await openStores({ ...options, partitions: byPartition.keys() }), (opened) =>
    opened.close(),
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
