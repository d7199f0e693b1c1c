import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "@muster/core/service";
import { type Durability, openStore, type Store } from "@muster/store";
import { sampleQueue, startTestSentinels, type TestSentinels } from "@muster/store/testing";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { underLoad } from "./under-load.ts";

const LIMIT_MS = 60_000;
const FAIL_OVER = { timeout: 20_000 };
/** Load before and after each thing that happens. */
const LOAD_MS = 2_000;

let sentinels: TestSentinels;
let replicated: Store;
let fast: Store;
beforeAll(async () => {
  sentinels = await startTestSentinels();
  [replicated, fast] = await Promise.all([open("replicated"), open("fast")]);
});
afterAll(async () => {
  await Promise.all([replicated?.close(), fast?.close()]);
  await sentinels?.stop();
});

const open = (durability: Durability) =>
  openStore({ url: sentinels.url, partition: "main", name: durability, clock: systemClock, durability });

const enqueue = async (store: Store, id: string) => {
  const ticket = { id, request: { players: [{ id: `player-of-${id}`, elo: 1_000 }] }, digest: id };
  const [outcome] = await store.enqueueTickets(sampleQueue(), [ticket]);
  return outcome?.outcome;
};

const UNAVAILABLE = { code: "STORE_UNAVAILABLE" };

it("answers with success only what a replica has, and a repeated call too", { timeout: LIMIT_MS }, async () => {
  expect(await enqueue(replicated, "t_before")).toBe("queued");
  const replicas = await sentinels.replicas();
  for (const replica of replicas) replica.pause();
  try {
    await expect(enqueue(replicated, "t_paused")).rejects.toMatchObject(UNAVAILABLE);
    // It is there, but nothing says that it stays.
    expect(await replicated.readTicket("t_paused")).toMatchObject({ status: "queued" });
    await expect(enqueue(replicated, "t_paused")).rejects.toMatchObject(UNAVAILABLE);
    await expect(replicated.readAccepted(["t_paused"])).rejects.toMatchObject(UNAVAILABLE);
    await expect(replicated.endTicket("t_before", "cancelled")).rejects.toMatchObject(UNAVAILABLE);
    expect(await enqueue(fast, "t_fast")).toBe("queued");
  } finally {
    for (const replica of replicas) replica.resume();
  }
  await sentinels.healthy(2);
  expect(await enqueue(replicated, "t_paused")).toBe("replayed");
  expect(await replicated.endTicket("t_before", "cancelled")).toEqual({ outcome: "cancelled" });
});

it("answers many calls at once, and reads while a replica is waited for", { timeout: LIMIT_MS }, async () => {
  const ids = Array.from({ length: 200 }, (_, n) => `t_many-${n}`);
  const outcomes = await Promise.all(ids.map((id) => enqueue(replicated, id)));
  expect(new Set(outcomes)).toEqual(new Set(["queued"]));
  const replicas = await sentinels.replicas();
  for (const replica of replicas) replica.pause();
  try {
    let isOver = false;
    const refused = expect(enqueue(replicated, "t_slow"))
      .rejects.toMatchObject(UNAVAILABLE)
      .finally(() => {
        isOver = true;
      });
    await expect.poll(() => replicated.readTicket("t_slow"), { interval: 5 }).toMatchObject({ status: "queued" });
    expect(isOver).toBe(false);
    await refused;
  } finally {
    for (const replica of replicas) replica.resume();
  }
  await sentinels.healthy(2);
});

it("loses in a fail-over only what it had not answered with success", { timeout: LIMIT_MS }, async () => {
  expect(await enqueue(replicated, "t_kept")).toBe("queued");
  const master = await sentinels.master();
  const replicas = await sentinels.replicas();
  for (const replica of replicas) replica.pause();
  // Else what is written now would wait in their sockets, and be read when they wake.
  const raw = new Redis(master.url);
  await raw.call("CLIENT", "KILL", "TYPE", "replica");
  raw.disconnect();
  await expect(enqueue(replicated, "t_refused")).rejects.toMatchObject(UNAVAILABLE);
  expect(await enqueue(fast, "t_lost")).toBe("queued");
  await master.kill();
  for (const replica of replicas) replica.resume();
  await expect.poll(async () => (await sentinels.master()).port, FAIL_OVER).not.toBe(master.port);
  await expect.poll(() => enqueue(replicated, "t_after").catch(() => "not yet"), FAIL_OVER).not.toBe("not yet");
  expect(await replicated.readTicket("t_kept")).toMatchObject({ status: "queued" });
  expect(await replicated.readTicket("t_after")).toMatchObject({ status: "queued" });
  expect(await replicated.readTicket("t_lost")).toBeNull();
  expect(await replicated.readTicket("t_refused")).toBeNull();
});

it("costs a system under load time and nothing else: paused replicas, then a master killed", {
  timeout: 240_000,
}, async () => {
  // As docs/redis.md says: else a master that was cut off takes writes that are lost when it is told of the next one.
  const own = await startTestSentinels(["--min-replicas-to-write", "1"]);
  try {
    const env = { MUSTER_DURABILITY: "replicated" };
    const settings = { redisUrl: own.url, refereeUrl: own.url, seed: 5, env };
    const report = await underLoad(settings, async ({ system }) => {
      await sleep(LOAD_MS);
      const replicas = await own.replicas();
      for (const replica of replicas) replica.pause();
      await sleep(LOAD_MS);
      for (const replica of replicas) replica.resume();
      await own.healthy(2);
      await sleep(LOAD_MS);
      const master = await own.master();
      await master.kill();
      await expect.poll(async () => (await own.master()).port, FAIL_OVER).not.toBe(master.port);
      await own.settled();
      await master.start();
      await own.healthy(1);
      await system.ready(FAIL_OVER.timeout);
      await sleep(LOAD_MS);
    });
    expect(report.violations).toEqual([]);
    expect(report.matches).toBeGreaterThan(50);
    const unknown = Object.keys(report.calls).filter((call) => call.includes("unknown"));
    expect(unknown.filter((call) => call.includes("INTERNAL"))).toEqual([]);
  } finally {
    await own.stop();
  }
});
