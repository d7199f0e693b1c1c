import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom, startSystem } from "@muster/cli";
import { type Match, playersOf, type StreamEntry, type Ticket } from "@muster/core";
import { systemClock } from "@muster/core/service";
import { openEventLog, openStore, STREAM_START, type Store } from "@muster/store";
import { findInconsistencies, startTestRedis } from "@muster/store/testing";
import { Redis } from "ioredis";
import { checkHistory } from "./check-history.ts";
import { type Clients, startClients } from "./clients.ts";
import { FAULTS } from "./faults.ts";
import type { History, Violation } from "./history.ts";
import { startRedisProxy } from "./redis-proxy.ts";

export interface FaultRun {
  /** Names of faults, in the order in which they happen. */
  faults: readonly string[];
  seed: number;
  /** Taken out of the source: see mutate.mjs. */
  mutant?: string;
  say?: (text: string) => void;
}

export interface FaultReport {
  violations: Violation[];
  /** What was offered and what came of it. */
  calls: Record<string, number>;
  matches: number;
  /** For each fault how long nobody was told of a new match around it, ms. */
  gaps: { fault: string; gapMs: number }[];
}

const PLAYERS = Array.from({ length: 120 }, (_, index) => `player-${index}`);
/** Load before each fault, and after it before the next. */
const BEFORE_MS = 700;
const AFTER_MS = 1_300;
const READY_LIMIT_MS = 30_000;
/** Longer than a ticket waits and a match lasts, and several sweeps. */
const REST_LIMIT_MS = 40_000;

const QUEUES = {
  queues: Object.fromEntries(
    [
      ["duel", 1],
      ["pairs", 2],
    ].map(([name, size]) => [
      name,
      {
        ...{ teams: { count: 2, size }, maxPartySize: 1, steps: [{ fromTry: 0, eloSpread: 100 }, { fromTry: 2 }] },
        ...{ retryEveryMs: 300, expireAfterMs: 8_000, matchLengthMs: 8_000, maxWaiting: 10_000 },
      },
    ]),
  ),
};

const here = (file: string) => new URL(file, import.meta.url).href;

/** Lets faults happen to a whole system under load, one after the other, and has the checker decide what broke. */
export const runFaults = async ({ faults, seed, mutant, say = () => {} }: FaultRun): Promise<FaultReport> => {
  await using held = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "muster-faults-"));
  held.defer(() => rm(folder, { recursive: true, force: true }));
  const queues = join(folder, "queues.json");
  await writeFile(queues, JSON.stringify(QUEUES));
  const redis = held.adopt(await startTestRedis({ appendOnly: true }), (server) => server.stop());
  const proxy = held.adopt(await startRedisProxy(redis.port), (started) => started.close());
  const hooks = `--import ${here("./skew-clock.mjs")} --import ${here("./mutate.mjs")}`;
  const env = { ...process.env, NODE_OPTIONS: hooks, MUSTER_TEST_CLOCKS: folder, MUSTER_TEST_MUTANT: mutant ?? "" };
  const system = held.adopt(await startSystem({ redisUrl: proxy.url, queues, env }), (started) => started.stop());
  const clients = held.adopt(await startClients(system.url, PLAYERS, seed), (started) => started.close());
  const random = seededRandom(seed);
  const scene = { system, redis, proxy, players: PLAYERS, random, clocks: folder };

  const gaps: FaultReport["gaps"] = [];
  for (const [index, name] of faults.entries()) {
    const fault = FAULTS[name];
    if (!fault) throw new Error(`there is no fault "${name}"`);
    await sleep(BEFORE_MS);
    const gap = watchGap(clients);
    await fault(scene);
    await system.ready(READY_LIMIT_MS);
    await sleep(AFTER_MS);
    const gapMs = gap();
    gaps.push({ fault: name, gapMs });
    say(`${index + 1}/${faults.length} ${name}: ${gapMs} ms without a new match`);
  }
  await clients.stop();

  const store = held.adopt(
    await openStore({ url: redis.url, partition: "main", name: "referee", clock: systemClock }),
    (opened) => opened.close(),
  );
  const atRest = await untilRest(store, clients);
  const history = await readHistory(store, redis.url, clients);
  const violations = checkHistory(history);
  if (!atRest) say("not everybody came to rest in time");
  const calls: Record<string, number> = {};
  for (const { call, outcome, code = "" } of clients.calls) {
    const name = `${call} ${outcome} ${code}`.trim();
    calls[name] = (calls[name] ?? 0) + 1;
  }
  return { violations, calls, matches: history.left.matches.size, gaps };
};

/** The longest time without a new match from now until it is called. */
const watchGap = (clients: Clients): (() => number) => {
  let longest = 0;
  const look = () => {
    longest = Math.max(longest, Date.now() - clients.lastMatchAt());
  };
  const timer = setInterval(look, 20);
  return () => {
    look();
    clearInterval(timer);
    return longest;
  };
};

/** Until everybody is idle and every watcher has heard so, or the time is over. */
const untilRest = async (store: Store, { seen }: Clients): Promise<boolean> => {
  const deadline = Date.now() + REST_LIMIT_MS;
  while (Date.now() < deadline) {
    const views = await Promise.all(PLAYERS.map((player) => store.readPlayer(player)));
    const last = new Map(seen.map(({ watcher, player, version }) => [`${watcher} ${player}`, version]));
    const isTold = (player: string, version: number) =>
      ["one", "two"].every((watcher) => (last.get(`${watcher} ${player}`) ?? 0) === version);
    if (views.every(({ state, version }, index) => state === "idle" && isTold(PLAYERS[index] ?? "", version)))
      return true;
    await sleep(200);
  }
  return false;
};

const readHistory = async (store: Store, url: string, { calls, seen }: Clients): Promise<History> => {
  const events: StreamEntry[] = [];
  const log = await openEventLog({ url, partition: "main", name: "referee" });
  for (let cursor = STREAM_START; ; ) {
    const page = await log.read(cursor, 1_000);
    if (page.entries.length === 0) break;
    events.push(...page.entries);
    cursor = page.next;
  }
  await log.close();
  const matches = await readAll<Match>(
    events.flatMap(({ event }) => ("match" in event && typeof event.match === "string" ? [event.match] : [])),
    (id) => store.readMatch(id),
  );
  const tickets = await readAll<Ticket>(
    [
      ...events.flatMap(({ event }) => ("ticket" in event && typeof event.ticket === "string" ? [event.ticket] : [])),
      ...calls.flatMap(({ ticket }) => ticket ?? []),
      ...[...matches.values()].flatMap((match) => playersOf(match).map(({ ticket }) => ticket)),
    ],
    (id) => store.readTicket(id),
  );
  const players = new Map(
    await Promise.all(PLAYERS.map(async (player) => [player, await store.readPlayer(player)] as const)),
  );
  const raw = new Redis(url);
  try {
    return {
      calls,
      seen,
      events,
      left: { tickets, matches, players, inconsistencies: await findInconsistencies(raw, store.keys) },
    };
  } finally {
    raw.disconnect();
  }
};

const readAll = async <Item>(ids: readonly string[], read: (id: string) => Promise<Item | null>) => {
  const unique = [...new Set(ids)];
  const items = await Promise.all(unique.map(read));
  return new Map(unique.flatMap((id, index): [string, Item][] => (items[index] ? [[id, items[index]]] : [])));
};
