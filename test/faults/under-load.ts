import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type RunningSystem, startSystem } from "@muster/cli";
import { type Match, playersOf, type Ticket } from "@muster/core";
import { systemClock } from "@muster/core/service";
import { connect, openStore, type Store } from "@muster/store";
import { findInconsistencies } from "@muster/store/testing";
import { readAll, readStream } from "../support/stream.ts";
import { checkHistory } from "./check-history.ts";
import { type Clients, startClients } from "./clients.ts";
import type { History, Violation } from "./history.ts";

export interface LoadSettings {
  /** Where the system finds Redis. */
  redisUrl: string;
  /** Where the referee does at the end. */
  refereeUrl: string;
  seed: number;
  env?: NodeJS.ProcessEnv;
  say?: (text: string) => void;
}

export interface Live {
  system: RunningSystem;
  clients: Clients;
  /** Starts to measure; the longest time without a new match from then until what it returns is called. */
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

export const PLAYERS = Array.from({ length: 120 }, (_, index) => `player-${index}`);
/** Longer than a ticket waits and a match lasts, and several sweeps. */
const REST_LIMIT_MS = 40_000;

const QUEUES = {
  queues: Object.fromEntries(
    [
      ["duel", 1],
      ["pairs", 2],
      // Where nobody of the load goes.
      ["teams", 5],
    ].map(([name, size]) => [
      name,
      {
        ...{ teams: { count: 2, size }, maxPartySize: 1, steps: [{ fromTry: 0, eloSpread: 100 }, { fromTry: 2 }] },
        ...{ retryEveryMs: 300, expireAfterMs: 8_000, matchLengthMs: 8_000, maxWaiting: 10_000 },
      },
    ]),
  ),
};

/** A whole system under load while things happen to it; then all comes to rest, and the checker decides what broke. */
export const underLoad = async (
  { redisUrl, refereeUrl, seed, env = {}, say = () => {} }: LoadSettings,
  happen: (live: Live) => Promise<void>,
): Promise<LoadReport> => {
  await using held = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "muster-load-"));
  held.defer(() => rm(folder, { recursive: true, force: true }));
  const queues = join(folder, "queues.json");
  await writeFile(queues, JSON.stringify(QUEUES));
  const system = held.adopt(await startSystem({ redisUrl, queues, env: { ...process.env, ...env } }), (started) =>
    started.stop(),
  );
  const clients = held.adopt(await startClients(system.url, PLAYERS, seed), (started) => started.close());
  await happen({ system, clients, watchGap: () => watchGap(clients) });
  await clients.stop();

  const store = held.adopt(
    await openStore({ url: refereeUrl, partition: "main", name: "referee", clock: systemClock }),
    (opened) => opened.close(),
  );
  if (!(await untilRest(store, clients))) say("not everybody came to rest in time");
  const history = await readHistory(store, refereeUrl, clients);
  const calls: Record<string, number> = {};
  for (const { call, outcome, code = "" } of clients.calls) {
    const name = `${call} ${outcome} ${code}`.trim();
    calls[name] = (calls[name] ?? 0) + 1;
  }
  return { violations: checkHistory(history), calls, matches: history.left.matches.size, history };
};

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

/** From all that names tickets and matches: the stream alone forgets, in a long run. */
const readHistory = async (store: Store, url: string, { calls, seen }: Clients): Promise<History> => {
  const events = await readStream(url);
  const named = events.map(({ event }) => event);
  const told = await readAll<Ticket>(
    [
      ...named.flatMap((event) => ("ticket" in event && typeof event.ticket === "string" ? [event.ticket] : [])),
      ...calls.flatMap(({ ticket }) => ticket ?? []),
    ],
    (id) => store.readTicket(id),
  );
  const matches = await readAll<Match>(
    [
      ...named.flatMap((event) => ("match" in event && typeof event.match === "string" ? [event.match] : [])),
      ...[...seen, ...told.values()].flatMap(({ match }) => match ?? []),
    ],
    (id) => store.readMatch(id),
  );
  const others = [...matches.values()].flatMap((match) => playersOf(match).map(({ ticket }) => ticket));
  const tickets = new Map([...told, ...(await readAll<Ticket>(others, (id) => store.readTicket(id)))]);
  const players = new Map(
    await Promise.all(PLAYERS.map(async (player) => [player, await store.readPlayer(player)] as const)),
  );
  const raw = connect(url, "referee", "main");
  await raw.connect();
  try {
    const inconsistencies = await findInconsistencies(raw, store.keys);
    return { calls, seen, events, left: { tickets, matches, players, inconsistencies } };
  } finally {
    raw.disconnect();
  }
};
