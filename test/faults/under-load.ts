import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type RunningSystem, startSystem } from "@muster/cli";
import type { Match, Ticket } from "@muster/core";
import { systemClock, systemRandom } from "@muster/core/service";
import { connect, openPartitions, type Partitions, type PlayersStore } from "@muster/store";
import { findInconsistencies } from "@muster/store/testing";
import { readAll, readStream } from "../support/stream.ts";
import { checkHistory } from "./check-history.ts";
import { type Clients, startClients } from "./clients.ts";
import type { History, PartitionEvent, Violation } from "./history.ts";
import { type HttpProxies, startHttpProxies } from "./http-proxies.ts";
import { everyone } from "./players-in.ts";
import { HOME, PARTITIONS, QUEUES, QUEUES_FILE } from "./queues.ts";

export interface LoadSettings {
  /** Where the system finds Redis. */
  redisUrl: string;
  /** Where the referee does at the end. */
  refereeUrl: string;
  seed: number;
  env?: NodeJS.ProcessEnv;
  /** Put proxies between nginx and the orchestrators. */
  withHttpProxies?: boolean;
  say?: (text: string) => void;
}

export interface Live {
  system: RunningSystem;
  clients: Clients;
  /** Only where they were asked for. */
  http: HttpProxies | undefined;
  /** Starts to measure; the longest time without a new match in a partition from then until what it returns is called. */
  watchGap(): () => number;
}

export interface LoadReport {
  violations: Violation[];
  /** What was offered and what came of it. */
  calls: Record<string, number>;
  matches: number;
  /** By which it was decided. */
  history: History;
}

/** Longer than a ticket waits and a match lasts, and several sweeps. */
const REST_LIMIT_MS = 40_000;
/** One for each partition to lead it, and one that stands by. */
const MOVERS = PARTITIONS.length + 1;

/** A whole system under load while things happen to it; then all comes to rest, and the checker decides what broke. */
export const underLoad = async (
  { redisUrl, refereeUrl, seed, env = {}, withHttpProxies = false, say = () => {} }: LoadSettings,
  happen: (live: Live) => Promise<void>,
): Promise<LoadReport> => {
  await using held = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "muster-load-"));
  held.defer(() => rm(folder, { recursive: true, force: true }));
  const queues = join(folder, "queues.json");
  await writeFile(queues, JSON.stringify(QUEUES_FILE));
  const system = held.adopt(
    await startSystem({ redisUrl, queues, movers: MOVERS, env: { ...process.env, ...env } }),
    (started) => started.stop(),
  );
  const http = withHttpProxies ? held.adopt(await startHttpProxies(system), (started) => started.close()) : undefined;
  const clients = held.adopt(await startClients(system.url, seed), (started) => started.close());
  await clients.underWay();
  await happen({ system, clients, http, watchGap: () => watchGap(clients) });
  await clients.stop();

  const about = { url: refereeUrl, name: "referee", clock: systemClock, random: systemRandom };
  const partitions = held.adopt(await openPartitions({ ...about, queues: QUEUES, home: HOME }), (opened) =>
    opened.close(),
  );
  if (!(await untilRest(partitions, clients))) say("not everybody came to rest in time");
  await clients.end();
  const history = await readHistory(partitions, refereeUrl, clients);
  const calls: Record<string, number> = {};
  for (const { call, outcome, code = "" } of clients.calls) {
    const name = `${call} ${outcome} ${code}`.trim();
    calls[name] = (calls[name] ?? 0) + 1;
  }
  return { violations: checkHistory(history), calls, matches: history.left.matches.size, history };
};

const watchGap = (clients: Clients): (() => number) => {
  const since = Date.now();
  let longest = 0;
  const look = () => {
    longest = Math.max(longest, Date.now() - Math.max(since, clients.lastMatchAt()));
  };
  const timer = setInterval(look, 20);
  return () => {
    look();
    clearInterval(timer);
    return longest;
  };
};

/** Until everybody is idle and every watcher has heard so, or the time is over. */
const untilRest = async ({ routed }: Partitions, clients: Clients): Promise<boolean> => {
  const deadline = Date.now() + REST_LIMIT_MS;
  while (Date.now() < deadline) {
    const left = await readPlayers(routed, clients.players);
    const last = new Map(clients.seen.map(({ watcher, player, version }) => [`${watcher} ${player}`, version]));
    const isTold = clients.watchers.every(
      ({ watcher, player }) => (last.get(`${watcher} ${player}`) ?? 0) === left.get(player)?.version,
    );
    if (isTold && [...left.values()].every(({ state }) => state === "idle")) return true;
    await sleep(200);
  }
  return false;
};

const readPlayers = async (store: PlayersStore, players: readonly string[]) =>
  new Map(await Promise.all(players.map(async (player) => [player, await store.readPlayer(player)] as const)));

/** From all that names tickets and matches: the streams alone forget, in a long run. */
const readHistory = async ({ all, routed }: Partitions, url: string, clients: Clients): Promise<History> => {
  const { calls, seen, gone } = clients;
  const events: PartitionEvent[] = [];
  for (const partition of all.keys()) {
    for (const entry of await readStream(url, partition)) events.push({ ...entry, partition });
  }
  const named = events.map(({ event }) => event);
  const told = await readAll<Ticket>(
    [
      ...named.flatMap((event) => ("ticket" in event && typeof event.ticket === "string" ? [event.ticket] : [])),
      ...calls.flatMap(({ ticket }) => ticket ?? []),
    ],
    (id) => routed.readTicket(id),
  );
  const matches = await readAll<Match>(
    [
      ...named.flatMap((event) => ("match" in event && typeof event.match === "string" ? [event.match] : [])),
      ...[...calls, ...seen, ...told.values()].flatMap(({ match }) => match ?? []),
    ],
    (id) => routed.readMatch(id),
  );
  const others = [...matches.values()].flatMap((match) => everyone(match).map(({ ticket }) => ticket));
  const tickets = new Map([...told, ...(await readAll<Ticket>(others, (id) => routed.readTicket(id)))]);
  const players = await readPlayers(routed, clients.players);
  const inconsistencies: string[] = [];
  for (const { keys } of all.values()) {
    const raw = connect(url, "referee", keys.partition);
    await raw.connect();
    try {
      inconsistencies.push(...(await findInconsistencies(raw, keys)));
    } finally {
      raw.disconnect();
    }
  }
  return { queues: QUEUES, calls, seen, gone, events, left: { tickets, matches, players, inconsistencies } };
};
