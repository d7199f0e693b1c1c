import { isInstant, type Match, MusterError, partitionOfId, type Queue, type Queues, type Rating } from "@muster/core";
import type { Claim } from "../claims/claim.ts";
import type { Claims, Kept } from "../claims/open-claims.ts";
import { inOrder } from "../in-order.ts";
import { playerBusy } from "../matches/change-match.ts";
import type { PlayerView } from "../players/read-player.ts";
import type { Store } from "../store.ts";
import { hasCoolDowns } from "../tickets/enqueue-tickets.ts";
import { enqueueClaimed, refusedAsElsewhere } from "./enqueue-claimed.ts";
import type { Stores } from "./open-stores.ts";

/** What of a store doesn't need its caller to know the partition: it follows from an id, a queue or a player's claim. */
export type PlayersStore = Pick<
  Store,
  | ("readAccepted" | "readPlayerQueues")
  | (
      | "enqueueTickets"
      | "readTicket"
      | "changeTicket"
      | "endTicket"
      | "readRange"
      | "readOpenMatches"
      | "readQueueStats"
      | "readSchedule"
    )
  | (
      | "raiseVersions"
      | "readPlayer"
      | "markAway"
      | "markBack"
      | "readRatings"
      | "readPlayerRatings"
      | "readMatch"
      | "changeMatch"
    )
  | ("instant" | "clock" | "ping")
>;

export interface RoutedDeps {
  stores: Pick<Stores, "all" | "of" | "unreachable">;
  claims: Claims;
  home: Store;
  queues: Queues;
}

/** Becoming busy may be refused so often because another moves the player at the same time. */
const TRIES = 20;

/** Tickets and matches are where their ids say, queues where they belong, and players where their claims are. */
export const routeStore = ({ stores, claims, home, queues }: RoutedDeps): PlayersStore => {
  const ofQueue = ({ partition }: Pick<Queue, "partition">) => (partition === undefined ? home : stores.of(partition));
  const ofQueueNamed = (name: string) => ofQueue(queues.get(name) ?? {});
  /** Undefined when there is no such partition, and so no such ticket or match. */
  const ofId = (id: string) => {
    const partition = partitionOfId(id);
    return partition === undefined ? home : stores.all.get(partition);
  };
  const whereIs = async (player: string): Promise<{ store: Store; claim: Claim }> => {
    const [claim] = await claims.read([player]);
    if (!claim) throw new Error("every player has a claim");
    // Of a partition that is not configured any more nothing is known.
    return { claim, store: stores.all.get(claim.partition) ?? home };
  };

  const readPlayer = async (id: string): Promise<PlayerView> => {
    const { store, claim } = await whereIs(id);
    const view = await store.readPlayer(id);
    // Moved, and not entered yet: it is idle, with the claim's version.
    return view.version < claim.epoch ? { ...view, version: claim.epoch } : view;
  };

  /** @throws PLAYER_BUSY when the player is busy in another partition */
  const bringSpectator = async (player: string, partition: string, attempt: number): Promise<void> => {
    const kept = (await claims.bring([player], partition, { heedCoolDowns: false, attempt })).get(player);
    if (kept && "state" in kept) throw playerBusy(player, kept.state);
  };

  /** One who wants to watch becomes busy by it, so its claim must be here first. */
  const changeMatch: Store["changeMatch"] = async (id, queueOf, decide): Promise<Match | null> => {
    const store = ofId(id);
    if (!store) return null;
    for (let attempt = 1; ; attempt++) {
      try {
        return await store.changeMatch(id, queueOf, async (queue, match, now) => {
          const change = await decide(queue, match, now);
          if (change?.spectator !== undefined) {
            await bringSpectator(change.spectator, store.keys.partition, attempt);
          }
          return change;
        });
      } catch (error) {
        const isElsewhere =
          error instanceof MusterError && error.code === "PLAYER_BUSY" && error.details.busy?.[0]?.state === "idle";
        if (!isElsewhere || attempt === TRIES) throw error;
      }
    }
  };

  /** Where the players' claims are. @returns those who are sealed there */
  const raiseInPlace: Store["raiseVersions"] = async (told) => {
    const read = await claims.read(told.map(({ player }) => player));
    const places = new Map(told.map((each, n) => [each, stores.all.get(read[n]?.partition ?? "") ?? home]));
    const byStore = Map.groupBy(told, (each) => places.get(each) ?? home);
    const sealed = await Promise.all([...byStore].map(([store, own]) => store.raiseVersions(own)));
    return sealed.flat();
  };

  const instant: Store["instant"] = {
    // Where the queue of instant matching is; it is one only.
    ...ofQueue([...queues.values()].find(isInstant) ?? {}).instant,
    enter: async (queue, user, id, entry) => {
      const store = ofQueue(queue);
      for (let attempt = 1; ; attempt++) {
        const options = { heedCoolDowns: hasCoolDowns(queue), attempt };
        const kept: Kept | undefined = (await claims.bring([user], store.keys.partition, options)).get(user);
        if (kept && "state" in kept) return { outcome: "busy", state: kept.state };
        const outcome = await store.instant.enter(queue, user, id, entry);
        if (outcome.outcome !== "busy" || !refusedAsElsewhere(outcome.state) || attempt === TRIES) return outcome;
      }
    },
    claim: (queue, ...args) => ofQueue(queue).instant.claim(queue, ...args),
  };

  return {
    clock: home.clock,
    instant,
    enqueueTickets: (queue, tickets) => enqueueClaimed({ store: ofQueue(queue), claims }, queue, tickets),
    readAccepted: (ids) =>
      inOrder(
        ids,
        (id) => ofId(id) ?? home,
        (store, own) => store.readAccepted(own),
      ),
    readTicket: async (id) => (await ofId(id)?.readTicket(id)) ?? null,
    changeTicket: async (queue, id, ...args) => (await ofId(id)?.changeTicket(queue, id, ...args)) ?? null,
    endTicket: async (id, ...args) => (await ofId(id)?.endTicket(id, ...args)) ?? null,
    readMatch: async (id) => (await ofId(id)?.readMatch(id)) ?? null,
    changeMatch,
    readRange: (queue, range) => ofQueueNamed(queue).readRange(queue, range),
    readOpenMatches: (queue, range) => ofQueueNamed(queue).readOpenMatches(queue, range),
    readQueueStats: async (names) => {
      const byStore = Map.groupBy(names, ofQueueNamed);
      const stats = await Promise.all([...byStore].map(([store, own]) => store.readQueueStats(own)));
      return new Map(stats.flatMap((own) => [...own]));
    },
    readSchedule: async (names, matchLimit) => {
      const byStore = Map.groupBy(names, ofQueueNamed);
      const schedules = await Promise.all([...byStore].map(([store, own]) => store.readSchedule(own, matchLimit)));
      return {
        dueAt: new Map(schedules.flatMap(({ dueAt }) => [...dueAt])),
        matchDueAt: Math.min(...schedules.map(({ matchDueAt }) => matchDueAt)),
        matchesDue: schedules.flatMap(({ matchesDue }) => matchesDue),
      };
    },
    readPlayer,
    raiseVersions: async (told) => {
      const sealed = await raiseInPlace(told);
      if (sealed.length === 0) return [];
      // The move that a seal was for was lost with the rest.
      await claims.enter(sealed.map(({ player }) => player));
      return raiseInPlace(sealed);
    },
    readPlayerQueues: async (players) => {
      const read = await claims.read(players);
      const places = new Map(players.map((player, n) => [player, stores.all.get(read[n]?.partition ?? "") ?? home]));
      return inOrder(
        players,
        (player) => places.get(player) ?? home,
        (store, own) => store.readPlayerQueues(own),
      );
    },
    markAway: async (queueOf, player) => (await whereIs(player)).store.markAway(queueOf, player),
    markBack: async (queueOf, player) => (await whereIs(player)).store.markBack(queueOf, player),
    readRatings: (players, queue) => ofQueueNamed(queue).readRatings(players, queue),
    readPlayerRatings: async (player) => {
      const kept = await Promise.all([...stores.all.values()].map((store) => store.readPlayerRatings(player)));
      return new Map<string, Rating>(kept.flatMap((own) => [...own]));
    },
    ping: async () => {
      await stores.unreachable();
    },
  };
};
