import type { Claims } from "../claims/open-claims.ts";
import type { Hold } from "../presence/hold-players.ts";
import type { Store } from "../store.ts";
import type { Partitions } from "./open-partitions.ts";

export type PresenceStore = Pick<Store, "connectPlayers" | "refreshPresence" | "disconnectPlayers" | "markAbsent">;

/**
 * Tells of players' presence in the partition that the claim of each names, and again where a claim moves to: with the next
 * refresh, or when the connection ends before that. With one partition it is just that partition's store.
 */
export const routePresence = ({ all, home, claims }: Pick<Partitions, "all" | "home" | "claims">): PresenceStore =>
  claims ? route(all, home, claims) : home;

const route = (stores: ReadonlyMap<string, Store>, home: Store, claims: Claims): PresenceStore => {
  /** Where what was told of a hold last; as long as it is held. */
  const told = new Map<string, Store>();
  const nameOf = ({ token, player }: Hold) => `${token} ${player}`;

  const placed = async <Item extends Hold>(holds: readonly Item[]): Promise<Map<Store, Item[]>> => {
    const read = await claims.read(holds.map(({ player }) => player));
    const places = new Map(holds.map((hold, index) => [hold, stores.get(read[index]?.partition ?? "") ?? home]));
    return Map.groupBy(holds, (hold) => places.get(hold) ?? home);
  };

  const refreshPresence: Store["refreshPresence"] = async (queueOf, holds) => {
    const taken = new Set<Hold>();
    for (const [store, own] of await placed(holds)) {
      // Whom a newer connection took over before its claim moved, that one has here, too, with its next refresh.
      const moved = Map.groupBy(own, (hold) => told.get(nameOf(hold)) ?? store);
      for (const [before, some] of moved) {
        if (before === store) continue;
        for (const hold of await before.refreshPresence(queueOf, some)) taken.add(hold);
      }
      const left = own.filter((hold) => !taken.has(hold));
      for (const hold of await store.refreshPresence(queueOf, left)) taken.add(hold);
      for (const hold of left) if (!taken.has(hold)) told.set(nameOf(hold), store);
    }
    for (const hold of taken) told.delete(nameOf(hold));
    return [...taken];
  };

  return {
    connectPlayers: async (queueOf, token, players) => {
      const holds = players.map((player) => ({ token, player }));
      for (const [store, own] of await placed(holds)) {
        await store.connectPlayers(
          queueOf,
          token,
          own.map(({ player }) => player),
        );
        for (const hold of own) told.set(nameOf(hold), store);
      }
    },
    refreshPresence,
    markAbsent: async (queueOf, players) => {
      const holds = players.map((player) => ({ token: "", player }));
      for (const [store, own] of await placed(holds)) {
        await store.markAbsent(
          queueOf,
          own.map(({ player }) => player),
        );
      }
    },
    disconnectPlayers: async (queueOf, token, players) => {
      const holds = players.map((player) => ({ token, player }));
      // Those whose claims have moved are held where they are now, or nobody would be away there.
      await refreshPresence(
        queueOf,
        holds.filter((hold) => told.has(nameOf(hold))),
      );
      for (const [store, own] of await placed(holds)) {
        for (const hold of own) told.delete(nameOf(hold));
        await store.disconnectPlayers(
          queueOf,
          token,
          own.map(({ player }) => player),
        );
      }
    },
  };
};
