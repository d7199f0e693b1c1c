import { setTimeout as sleep } from "node:timers/promises";
import { PlayerClient } from "@muster/client";
import { CLOSE_REPLACED, type PlayerAnswer, type Random, type StateFrame } from "@muster/core";
import type { Gone, Seen } from "./history.ts";

const OPEN_LIMIT_MS = 5_000;
const AGAIN_AFTER_MS = 200;
const BACK_LIMIT_MS = 20_000;
const FOR_GOOD_MS = 3_600_000;
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
  const over = new AbortController();
  const clients = new Map<string, PlayerClient>();
  /** What each was told last: whoever opens another connection says so. */
  const versions = new Map<string, number>();
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
  const record = (player: string, { version, state }: PlayerAnswer | StateFrame, more: { isHello?: true } = {}) => {
    versions.set(player, version);
    seen({ watcher: watcherOf(player), player, version, state, at: Date.now(), ...more });
  };

  /** @returns when it is open, however long that takes, what is aborted when it is closed for good as replaced */
  const open = async (player: string): Promise<AbortSignal> => {
    for (;;) {
      const replaced = new AbortController();
      const version = versions.get(player) ?? 0;
      const client = new PlayerClient({ url, player, version, random, timeoutMs: OPEN_LIMIT_MS });
      client.on("error", () => {});
      let helloVersion = -1;
      client.onHello((hello) => {
        isThere(player);
        helloVersion = hello.version;
        record(player, hello, { isHello: true });
      });
      // The first state frame says again what hello said.
      client.onState((state) => record(player, state, state.version === helloVersion ? { isHello: true } : {}));
      client.on("close", ({ code }) => {
        isGone(player);
        if (code === CLOSE_REPLACED) replaced.abort();
      });
      clients.set(player, client);
      try {
        await client.connect();
        return replaced.signal;
      } catch {
        await client.close();
        if (over.signal.aborted) return replaced.signal;
        await sleep(AGAIN_AFTER_MS);
      }
    }
  };
  /** Until one of these, or for so long. */
  const wait = (ms: number, ...signals: AbortSignal[]) =>
    sleep(ms, undefined, { signal: AbortSignal.any(signals) }).catch(() => {});

  const live = async (player: string): Promise<void> => {
    while (!over.signal.aborted) {
      const replaced = await open(player);
      if (!stop.signal.aborted) await wait(between(THERE_MS), stop.signal, replaced);
      if (stop.signal.aborted) await wait(FOR_GOOD_MS, over.signal, replaced);
      // By a connection that was before it and went away late, as of a playserver that was paused: it comes again.
      if (over.signal.aborted || replaced.aborted) continue;
      isGone(player);
      await clients.get(player)?.close();
      await wait(between(GONE_MS), stop.signal);
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
      const deadline = Date.now() + BACK_LIMIT_MS;
      while (goneSince.size > 0 && Date.now() < deadline) await sleep(20);
    },
    close: async () => {
      over.abort();
      await Promise.all([...clients.values()].map((client) => client.close()));
      await Promise.all(lives);
    },
  };
};
