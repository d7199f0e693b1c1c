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
  /** Where what was told of a hold, the last one last; as long as it is held. */
  const told = new Map<string, readonly Store[]>();
  const lastOf = (hold: Hold): Store | undefined => told.get(nameOf(hold))?.at(-1);
  const tellOf = (hold: Hold, store: Store) => {
    const others = told.get(nameOf(hold))?.filter((each) => each !== store) ?? [];
    told.set(nameOf(hold), [...others, store]);
  };
  const nameOf = ({ token, player }: Hold) => `${token} ${player}`;

  const placed = async <Item extends Hold>(holds: readonly Item[]): Promise<Map<Store, Item[]>> => {
    const read = await claims.read(holds.map(({ player }) => player));
    const places = new Map(holds.map((hold, index) => [hold, stores.get(read[index]?.partition ?? "") ?? home]));
    return Map.groupBy(holds, (hold) => places.get(hold) ?? home);
  };

  const refreshPresence: Store["refreshPresence"] = async (queueOf, holds, isUnsure) => {
    const taken = new Set<Hold>();
    for (const [store, own] of await placed(holds)) {
      // Whom a newer connection took over before its claim moved, that one has here, too, with its next refresh.
      const moved = Map.groupBy(own, (hold) => lastOf(hold) ?? store);
      for (const [before, some] of moved) {
        if (before === store) continue;
        for (const hold of await before.refreshPresence(queueOf, some, isUnsure)) taken.add(hold);
      }
      const left = own.filter((hold) => !taken.has(hold));
      for (const hold of await store.refreshPresence(queueOf, left, isUnsure)) taken.add(hold);
      for (const hold of left) if (!taken.has(hold)) tellOf(hold, store);
    }
    for (const hold of taken) {
      const places = told.get(nameOf(hold)) ?? [];
      told.delete(nameOf(hold));
      // Where it was before, the one that took over would count as taken over itself when its player's claim moves there.
      for (const store of places) await store.disconnectPlayers(queueOf, hold.token, [hold.player]);
    }
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
        for (const hold of own) tellOf(hold, store);
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
      const places = holds.map(() => new Set<Store>());
      for (const [store, own] of await placed(holds)) for (const hold of own) places[holds.indexOf(hold)]?.add(store);
      for (const [index, hold] of holds.entries())
        for (const store of told.get(nameOf(hold)) ?? []) places[index]?.add(store);
      for (const store of stores.values()) {
        const own = holds.filter((_, index) => places[index]?.has(store));
        await store.disconnectPlayers(
          queueOf,
          token,
          own.map(({ player }) => player),
        );
      }
      // Only now: whoever calls again since it failed must find the same places.
      for (const hold of holds) told.delete(nameOf(hold));
    },
  };
};
