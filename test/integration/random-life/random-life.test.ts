import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { EVENT_TYPES, type PlayerState, type StreamEvent, settleMatch } from "@muster/core";
import { openPlayerFeed } from "@muster/store";
import { openTestStore, type TestStore } from "@muster/store/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readAll, readStream } from "../../support/stream.ts";
import type { Report, Task } from "./clients-process.ts";
import { PLAYERS, QUEUES } from "./queues.ts";
import { type History, judge } from "./referee.ts";

const ENTRY = fileURLToPath(new URL("./clients-process.ts", import.meta.url));
/** Entries of the event stream, each of which is a transition that took effect. */
const TRANSITIONS = 50_000;
const PROCESSES = 3;
const CLIENTS = 8;
const LIMIT_MS = 240_000;
/** What a client does depends on it; what comes of that also on how the processes' commands meet in Redis. */
const SEED = Number(process.env.MUSTER_TEST_SEED ?? 1);

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
});
afterAll(() => test.stop());

it(
  "random players, clients and movers, several at a time: nothing is lost, double or half",
  async () => {
    const seen = watchAll();
    const feed = await seen.feed;
    const reports = await Promise.all(Array.from({ length: PROCESSES }, (_, index) => runClients(SEED * 10 + index)));
    expect(reports.flatMap(({ fault }) => fault ?? [])).toEqual([]);
    // While matches run and tickets wait.
    expect(await test.inconsistencies()).toEqual([]);

    await letAllEnd();
    expect(await test.inconsistencies()).toEqual([]);
    const history = await readHistory(reports);
    expect(judge(history)).toEqual([]);

    await expect.poll(async () => await lagging(seen.states), { timeout: 10_000 }).toEqual([]);
    expect(seen.backwards).toEqual([]);
    await feed.close();

    // A kind of transition that didn't happen often was not tested.
    const counts = countBy(history.events.map(({ event }) => event.type));
    const rare = EVENT_TYPES.filter((type) => type !== "mended" && (counts[type] ?? 0) < 50);
    expect(rare, JSON.stringify(counts)).toEqual([]);
    expect(history.events.length).toBeGreaterThanOrEqual(TRANSITIONS);
    const moves = reports.flatMap((report) => Object.entries(report.moves));
    console.log(`seed ${SEED}: ${history.events.length} transitions`, counts, totals(moves));
  },
  LIMIT_MS + 120_000,
);

const runClients = (seed: number): Promise<Report> =>
  new Promise((resolve, reject) => {
    const child: ChildProcess = fork(ENTRY);
    const task: Task = { url: test.redis.url, seed, clients: CLIENTS, events: TRANSITIONS, limitMs: LIMIT_MS };
    child.once("message", (report: Report) => resolve(report));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`a process of clients ended with code ${code}`)));
    child.send(task);
  });

/** Versions as a realm sees them that watches everybody. */
const watchAll = () => {
  const states = new Map<string, PlayerState>();
  const backwards: string[] = [];
  const onState = (player: string, state: PlayerState) => {
    const before = states.get(player);
    if (before && before.version >= state.version)
      backwards.push(`${player}: ${before.version}, then ${state.version}`);
    states.set(player, state);
  };
  const feed = openPlayerFeed({ url: test.redis.url, keys: test.store.keys, name: "watcher", onState }).then((open) => {
    open.hold(PLAYERS);
    return open;
  });
  return { states, backwards, feed };
};

/** Players of whom the watcher doesn't have the newest state. */
const lagging = async (states: ReadonlyMap<string, PlayerState>): Promise<string[]> => {
  const now = await readPlayers();
  return now.flatMap(({ player, version }) => ((states.get(player)?.version ?? 0) === version ? [] : [player]));
};

const readPlayers = () =>
  Promise.all(PLAYERS.map(async (player) => ({ player, ...(await test.store.readPlayer(player)) })));

/** As a sweeper does, until nobody waits and nobody plays: everybody is idle, by time alone. */
const letAllEnd = async (): Promise<void> => {
  const busy = async () => {
    const { matchesDue } = await test.store.readSchedule([...QUEUES.keys()], 1_000);
    for (const id of matchesDue) await test.store.changeMatch(id, (name) => QUEUES.get(name), settleMatch);
    for (const queue of QUEUES.keys()) {
      for (const { id } of await test.store.claimDue(queue, 1_000)) {
        await test.store.endTicket(id, "expired", "disconnected");
        await test.store.endTicket(id, "expired");
      }
    }
    const players = await readPlayers();
    return players.flatMap(({ player, state }) => (state === "idle" ? [] : [`${player} is ${state}`]));
  };
  await expect.poll(busy, { timeout: 30_000, interval: 100 }).toEqual([]);
};

const readHistory = async (reports: readonly Report[]): Promise<History> => {
  const events = await readStream(test.redis.url);
  const told = reports.flatMap((report) => report.told);
  const ids = (pickId: (event: StreamEvent["event"]) => unknown) =>
    [...new Set(events.map(({ event }) => pickId(event)))].filter((id) => typeof id === "string");
  const ticketIds = new Set([
    ...ids((event) => ("ticket" in event ? event.ticket : undefined)),
    ...told.flatMap((each) => (each.kind === "queued" ? [each.ticket] : [])),
  ]);
  const tickets = await readAll([...ticketIds], (id) => test.store.readTicket(id));
  const matches = await readAll(
    ids((event) => ("match" in event ? event.match : undefined)),
    (id) => test.store.readMatch(id),
  );
  const ratings = await test.store.readRatings(PLAYERS, "rated");
  const ratedMatches = new Map([...ratings].map(([id, kept]) => [id, kept.rating?.matches ?? 0]));
  return { told, events, tickets, matches, ratedMatches };
};

const countBy = (names: readonly string[]): Record<string, number> => totals(names.map((name) => [name, 1]));

const totals = (pairs: readonly (readonly [string, number])[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const [name, count] of pairs) counts[name] = (counts[name] ?? 0) + count;
  return counts;
};
