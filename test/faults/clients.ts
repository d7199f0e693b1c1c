import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "@muster/cli";
import { RealmClient } from "@muster/client";
import { partitionOfId, type StateFrame } from "@muster/core";
import { startBatches } from "./batches.ts";
import { startConnections } from "./connections.ts";
import { drawCrowd } from "./crowd.ts";
import type { Call, Gone, Seen } from "./history.ts";
import { HOME, PARTITIONS } from "./queues.ts";
import { createRecorder } from "./recorder.ts";
import { createUnitLife } from "./unit-life.ts";

/** Players of the load, unless it is told how many. */
const PLAYERS = 240;
/** So many of those who queue alone have a connection of their own. */
const CONNECTED = 20;
/** How often each unit does something. */
const TICK_MS = 300;
const CALL_LIMIT_MS = 6_000;
const BEGIN_LIMIT_MS = 30_000;

export interface Clients {
  readonly players: readonly string[];
  readonly calls: readonly Call[];
  readonly seen: readonly Seen[];
  readonly gone: readonly Gone[];
  /** How often a realm that had lost its connection could open none. */
  readonly failedToConnect: number;
  /** Who is told of which player. */
  readonly watchers: readonly { watcher: string; player: string }[];
  /** When the last match was first seen by anybody in the partition where that is longest ago, ms since the epoch. */
  lastMatchAt(): number;
  /** Resolves when there was a match in each partition: the load is under way. @throws when that takes too long */
  underWay(): Promise<void>;
  /** Nobody queues any more, and what waits and runs is brought to its end. Resolves when who was gone is back. */
  stop(): Promise<void>;
  /** Nobody does anything any more. Resolves when all calls are answered. */
  end(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Players of two realms who queue, alone and in parties, change their minds, answer ready checks, join, leave and play, as
 * long as they are let; every call and every notification is recorded. Both realms watch everybody, so each player has
 * two watchers, and those with a connection of their own three.
 */
export const startClients = async (url: string, seed: number, count = PLAYERS): Promise<Clients> => {
  const random = seededRandom(seed);
  const units = await drawCrowd(count, random);
  const players = units.flatMap((unit) => unit.players.map(({ id }) => id));
  const { calls, fetch, record } = createRecorder();
  const seen: Seen[] = [];
  const known = new Map<string, StateFrame>();
  const matches = new Set<string>();
  const lastMatchAt = new Map(PARTITIONS.map((partition) => [partition, 0]));
  let failedToConnect = 0;
  let isStopped = false;
  let isOver = false;

  const watch = async (watcher: string): Promise<RealmClient> => {
    const realm = new RealmClient({ url, fetch, timeoutMs: CALL_LIMIT_MS });
    const note = ({ player, version, state, match }: StateFrame) =>
      seen.push({ watcher, player, version, state, at: Date.now(), ...(match !== undefined && { match }) });
    realm.on("state", (frame) => {
      note(frame);
      const before = known.get(frame.player);
      if (!before || before.version < frame.version) known.set(frame.player, frame);
      if (frame.match === undefined || matches.has(frame.match)) return;
      matches.add(frame.match);
      lastMatchAt.set(partitionOfId(frame.match) ?? HOME, Date.now());
    });
    // The SDK drops it; the checker must not.
    realm.on("stale", note);
    realm.on("error", () => {});
    realm.on("retry", () => {
      failedToConnect += 1;
    });
    await realm.connect();
    realm.watch(players);
    return realm;
  };
  const realms = [await watch("one"), await watch("two")] as const;
  const alone = units.flatMap(({ players: [player, ...others] }) => (player && others.length === 0 ? player.id : []));
  const connections = startConnections({
    ...{ url, players: alone.slice(0, CONNECTED), random },
    seen: (each) => void seen.push(each),
  });
  const batches = startBatches(record);

  /** What each unit does at the moment, or did last. */
  const underWay = new Map<number, Promise<void>>();
  const live = async (index: number): Promise<void> => {
    const unit = units[index];
    if (!unit) return;
    const own = seededRandom(seed * 1_000 + index);
    const realm = realms[index % 2 === 0 ? 0 : 1];
    const act = createUnitLife({ unit, realm, record, batches, random: own, known: (player) => known.get(player) });
    while (!isOver) {
      await sleep(TICK_MS * (0.5 + own.next()));
      const acting = act({ mayQueue: !isStopped });
      underWay.set(index, acting);
      await acting;
    }
  };
  const lives = units.map((_, index) => live(index));

  return {
    ...{ players, calls, seen },
    get gone() {
      return connections.gone;
    },
    get failedToConnect() {
      return failedToConnect;
    },
    watchers: [
      ...players.flatMap((player) => ["one", "two"].map((watcher) => ({ watcher, player }))),
      ...connections.watchers,
    ],
    lastMatchAt: () => Math.min(...lastMatchAt.values()),
    underWay: async () => {
      const deadline = Date.now() + BEGIN_LIMIT_MS;
      while ([...lastMatchAt.values()].includes(0)) {
        if (Date.now() > deadline) throw new Error("no match was made");
        await sleep(20);
      }
    },
    stop: async () => {
      isStopped = true;
      await Promise.all([connections.stop(), ...underWay.values()]);
    },
    end: async () => {
      isOver = true;
      await Promise.all(lives);
      await batches.close();
    },
    close: async () => {
      await connections.close();
      for (const realm of realms) await realm.close();
    },
  };
};
