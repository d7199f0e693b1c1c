import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Samples } from "@muster/cli";
import { RealmClient } from "@muster/client";
import { type Match, playersOf } from "@muster/core";
import { systemClock } from "@muster/core/service";
import { openStore, type Store } from "@muster/store";
import type { Bench, BenchContext } from "../bench.ts";
import { type BenchSystem, startBenchSystem } from "../system.ts";

const QUEUES = fileURLToPath(new URL("../ready-checks.queues.json", import.meta.url));
const QUEUE = "checked";
const BATCH = 500;
/** Calls under way at once while players answer. */
const AT_ONCE = 50;
/** All are formed by then, or the bench has failed. */
const FORM_LIMIT_MS = 12_000;
/** A deadline that nobody acted on by then was missed. */
const SETTLE_LIMIT_MS = 10_000;

export const readyChecks: Bench = {
  name: "ready-checks",
  about: "many ready checks at once: some pass, the others end at their deadlines, all within the same seconds",
  seed: 0,
  async run(context) {
    const matches = context.quick ? 200 : 1_000;
    await using system = await startBenchSystem(context, QUEUES);
    const store = await openStore({ url: system.redisUrl, partition: "main", name: "bench", clock: systemClock });
    try {
      const ids = await formAll(context, system, store, matches);
      const { accepted, answerMs } = await answer(context, system, store, ids);
      context.say("waiting for the deadlines");
      const settled = await untilSettled(context, store, ids);
      const silent = settled.filter(({ dissolved }) => dissolved === "silent");
      const lateMs = new Samples();
      const withinMs = await readWithinMs(system);
      for (const { endedAt = Infinity, createdAt } of silent) lateMs.add(endedAt - createdAt - withinMs);
      const missed = settled.filter(({ state }) => state === "forming").length;
      const wrong = accepted.size + silent.length === ids.length ? 0 : ids.length - accepted.size - silent.length;
      const spreadMs =
        Math.max(...settled.map(({ createdAt }) => createdAt)) - Math.min(...settled.map(({ createdAt }) => createdAt));
      return {
        figures: {
          matches: ids.length,
          passed: accepted.size,
          dissolved: silent.length,
          spreadMs,
          lateMs: { p50: lateMs.percentile(50), p99: lateMs.percentile(99), most: lateMs.percentile(100) },
          answerMs: { p50: answerMs.percentile(50), p99: answerMs.percentile(99) },
          missed,
          wrong,
        },
        rows: [
          { figure: "matches", label: "ready checks" },
          { figure: "spreadMs", label: "their deadlines lie within", unit: "ms" },
          { figure: "passed", label: "passed: both accepted" },
          { figure: "dissolved", label: "ended at their deadline" },
          { figure: "lateMs.p50", label: "after the deadline, p50", unit: "ms" },
          { figure: "lateMs.p99", label: "the same, p99", unit: "ms" },
          { figure: "lateMs.most", label: "the same, longest", unit: "ms" },
          { figure: "answerMs.p50", label: `an accept over HTTP, ${AT_ONCE} at once, p50`, unit: "ms" },
          { figure: "answerMs.p99", label: "the same, p99", unit: "ms" },
          { figure: "missed", label: "missed deadlines" },
          { figure: "wrong", label: "other outcomes than the players' answers" },
        ],
        goals: [
          { figure: "lateMs.most", below: 1_000 },
          { figure: "missed", exactly: 0, isInvariant: true },
          { figure: "wrong", exactly: 0, isInvariant: true },
        ],
        notes: ["In a third both accept, in a third one does, in a third nobody.", ...system.notes()],
      };
    } finally {
      await store.close();
    }
  },
};

const readWithinMs = async (system: BenchSystem): Promise<number> => {
  const { readyCheck } = await new RealmClient({ url: system.url }).queue(QUEUE);
  if (!readyCheck) throw new Error(`queue ${QUEUE} has no ready check`);
  return readyCheck.withinMs;
};

/** @returns the ids of the matches, all of which are forming */
const formAll = async (
  { say, signal }: BenchContext,
  system: BenchSystem,
  store: Store,
  matches: number,
): Promise<string[]> => {
  say(`forming ${matches} matches`);
  const realm = new RealmClient({ url: system.url });
  const players = Array.from({ length: matches * 2 }, (_, index) => `ready-${index}`);
  for (let from = 0; from < players.length; from += BATCH) {
    const tickets = players
      .slice(from, from + BATCH)
      .map((id, index) => ({ players: [{ id, elo: 1_000 + (index % 50) }] }));
    await realm.enqueueBatch(QUEUE, tickets);
  }
  const deadline = performance.now() + FORM_LIMIT_MS;
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    const states = await Promise.all(players.map((player) => store.readPlayer(player)));
    const ids = new Set(
      states.flatMap(({ state, match }) => (state === "pending" && typeof match === "string" ? [match] : [])),
    );
    if (ids.size === matches) return [...ids];
    await sleep(50, undefined, { signal });
  }
  throw new Error(`not all matches were formed within ${FORM_LIMIT_MS} ms`);
};

/** @returns the matches in which both accepted, and how long the calls took */
const answer = async ({ say, signal }: BenchContext, system: BenchSystem, store: Store, ids: readonly string[]) => {
  say("answering");
  const realm = new RealmClient({ url: system.url });
  const answerMs = new Samples();
  const accepted = new Set<string>();
  const calls = ids.flatMap((id, index) => Array.from({ length: 2 - (index % 3) }, (_, nth) => ({ id, nth })));
  const matches = new Map(await Promise.all(ids.map(async (id) => [id, await store.readMatch(id)] as const)));
  let next = 0;
  const answerSome = async () => {
    for (let call = calls[next++]; call; call = calls[next++]) {
      signal.throwIfAborted();
      const match = matches.get(call.id);
      const player = match ? playersOf(match)[call.nth]?.id : undefined;
      if (player === undefined) throw new Error(`match ${call.id} has no player ${call.nth}`);
      const at = performance.now();
      const { state } = await realm.acceptMatch(call.id, player);
      answerMs.add(performance.now() - at);
      if (state === "live") accepted.add(call.id);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, answerSome));
  return { accepted, answerMs };
};

const untilSettled = async ({ signal }: BenchContext, store: Store, ids: readonly string[]): Promise<Match[]> => {
  const read = async () => (await Promise.all(ids.map((id) => store.readMatch(id)))).filter((match) => match !== null);
  const last = Math.max(...(await read()).map(({ readyBy = 0 }) => readyBy));
  for (;;) {
    const matches = await read();
    if (!matches.some(({ state }) => state === "forming") || store.clock.now() > last + SETTLE_LIMIT_MS) return matches;
    await sleep(200, undefined, { signal });
  }
};
