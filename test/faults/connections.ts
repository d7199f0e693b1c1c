import { setTimeout as sleep } from "node:timers/promises";
import { PlayerClient } from "@muster/client";
import type { PlayerAnswer, Random, StateFrame } from "@muster/core";
import type { Gone, Seen } from "./history.ts";

const OPEN_LIMIT_MS = 5_000;
const AGAIN_AFTER_MS = 200;
/** How long each is there, and then gone: sometimes for longer than a queue's grace. */
const THERE_MS = { least: 1_500, most: 8_000 };
const GONE_MS = { least: 100, most: 4_500 };

export interface Connections {
  /** By whom those players are seen. */
  readonly watchers: readonly { watcher: string; player: string }[];
  readonly gone: readonly Gone[];
  /** Nobody drops its connection any more; who is without one comes back. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export interface ConnectionsOptions {
  url: string;
  players: readonly string[];
  random: Random;
  seen: (each: Seen) => void;
}

/** Players with a connection of their own, which they drop now and then, and open again. */
export const startConnections = ({ url, players, random, seen }: ConnectionsOptions): Connections => {
  const gone: Gone[] = [];
  const stop = new AbortController();
  const clients = new Map<string, PlayerClient>();
  const goneSince = new Map(players.map((player) => [player, 0]));
  const watcherOf = (player: string) => `own ${player}`;
  const between = ({ least, most }: { least: number; most: number }) => least + random.next() * (most - least);

  const isThere = (player: string) => {
    const from = goneSince.get(player);
    goneSince.delete(player);
    if (from !== undefined) gone.push({ player, from, to: Date.now() });
  };
  const isGone = (player: string) => {
    if (!goneSince.has(player)) goneSince.set(player, Date.now());
  };
  const record = (player: string, { version, state }: PlayerAnswer | StateFrame, more: { isHello?: true } = {}) =>
    seen({ watcher: watcherOf(player), player, version, state, at: Date.now(), ...more });

  /** Resolves when it is open, however long that takes. */
  const open = async (player: string): Promise<void> => {
    for (;;) {
      const client = new PlayerClient({ url, player, random, timeoutMs: OPEN_LIMIT_MS });
      client.on("error", () => {});
      client.onHello((hello) => {
        isThere(player);
        record(player, hello, { isHello: true });
      });
      client.onState((state) => record(player, state));
      client.on("close", () => isGone(player));
      clients.set(player, client);
      try {
        return await client.connect();
      } catch {
        await client.close();
        await sleep(AGAIN_AFTER_MS);
      }
    }
  };
  const live = async (player: string): Promise<void> => {
    await open(player);
    while (!stop.signal.aborted) {
      // The end of the run ends a wait early; the loop's condition sees it.
      await sleep(between(THERE_MS), undefined, { signal: stop.signal }).catch(() => {});
      if (stop.signal.aborted) return;
      isGone(player);
      await clients.get(player)?.close();
      await sleep(between(GONE_MS), undefined, { signal: stop.signal }).catch(() => {});
      await open(player);
    }
  };
  const lives = players.map(live);

  return {
    watchers: players.map((player) => ({ watcher: watcherOf(player), player })),
    get gone() {
      return [...gone, ...[...goneSince].map(([player, from]) => ({ player, from, to: Infinity }))];
    },
    stop: async () => {
      stop.abort();
      await Promise.all(lives);
    },
    close: async () => {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
};
