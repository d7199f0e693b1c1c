import { silentLogger } from "@muster/core/service";
import { type EventLog, openEventLog } from "@muster/store";
import { openTestStore, sampleInstantQueue, sampleQueue, solo, type TestStore } from "@muster/store/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { startWatch, type Watch } from "./watch.ts";

const duel = sampleQueue({ name: "duel" });
const queues = new Map([
  ["duel", duel],
  ["instant", sampleInstantQueue()],
]);
// It looks once a second, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });
const limit = { timeout: 30_000 };

let test: TestStore;
let events: EventLog;
let watch: Watch;
beforeAll(async () => {
  test = await openTestStore();
  events = await openEventLog({ url: test.redis.url, partition: "main", name: "watch" });
});
afterAll(async () => {
  await events.close();
  await test.stop();
});
beforeEach(async () => {
  await test.raw.flushall();
  watch = await startWatch({
    store: test.store,
    events: [events],
    queues,
    tester: false,
    runs: () => [],
    log: silentLogger,
  });
});
afterEach(() => watch.close());

const enqueue = (...names: string[]) =>
  test.store.enqueueTickets(
    duel,
    names.map((name) => ({ id: `t_${name}`, request: solo(name, 1_000) })),
  );
/** An event as its writer tells it. */
const tell = (type: string, fields: Record<string, string | number>) =>
  test.raw.xadd(
    ...([test.store.keys.events, "*", "type", type, "queue", "duel", "at", test.store.clock.now()] as const),
    ...Object.entries(fields).flat(),
  );
const waiting = () => watch.snapshot().waiting.map(({ id }) => id);
const duels = () => watch.snapshot().queues.find(({ name }) => name === "duel");

it("whoever left in a match is gone, however many matches are made in a second and whether they can be read or not", async () => {
  const players = Array.from({ length: 1_500 }, (_, n) => `p${n}`);
  for (let n = 0; n < players.length; n += 100) await enqueue(...players.slice(n, n + 100));
  await expect.poll(() => waiting().length, limit).toBe(1_500);
  const told = [];
  for (let n = 0; n < 1_500; n += 2) {
    told.push(tell("matched", { match: `m_${n}`, tickets: `t_p${n} t_p${n + 1}`, eloGap: 10, matchmaker: "mm" }));
  }
  const left = new Map<string, string | undefined>();
  let sampled = false;
  const forget = watch.onFrame((frame) => {
    for (const { id, match } of frame.left) left.set(id, match);
    sampled ||= frame.sampled === true;
  });
  await Promise.all(told);
  await expect.poll(() => [left.size, sampled], limit).toEqual([1_500, true]);
  forget();
  expect([left.get("t_p0"), left.get("t_p1499")]).toEqual(["m_0", "m_1498"]);
  expect(watch.historyOf("t_p7").map(({ type }) => type)).toEqual(["queued", "matched"]);
});

it("who joins a match that has begun makes no match more, and no gap", async () => {
  await tell("matched", { match: "m_1", tickets: "t_a t_b", eloGap: 30 });
  for (let n = 0; n < 5; n++) await tell("joined", { match: "m_1", tickets: `t_${n}`, eloGap: 900 });
  await tell("cancelled", { ticket: "t_x", createdAt: 1, tries: 0 });
  await expect.poll(() => duels()?.cancelled, limit).toBe(1);
  expect(duels()?.eloGap).toBe(30);
  expect(watch.snapshot().history.duel?.reduce((sum, { matches }) => sum + matches, 0)).toBe(1);
});

it("who waited before it began is shown", async () => {
  await enqueue("early");
  await watch.close();
  watch = await startWatch({
    store: test.store,
    events: [events],
    queues,
    tester: false,
    runs: () => [],
    log: silentLogger,
  });
  expect(waiting()).toEqual(["t_early"]);
});

it("a service that was killed is dead at once, and until it has begun anew", async () => {
  const beat = (startedAt: number) =>
    test.store.writeBeat({
      ...{ name: "mm-1", role: "matchmaker", version: "1", host: "h", pid: 1, startedAt, at: test.store.clock.now() },
      ...{ load: { cpuShare: 0, rssMiB: 1, loopShare: 0 }, holds: { count: 0, ids: [] }, figures: {} },
    });
  const dead = () => watch.snapshot().services.map((service) => service.dead);
  await beat(1_000);
  await expect.poll(dead, limit).toEqual([false]);
  watch.killed("mm-1");
  expect(dead()).toEqual([true]);
  const looked = () =>
    new Promise<void>((resolve) => {
      const forget = watch.onFrame(({ services }) => {
        if (!services) return;
        forget();
        resolve();
      });
    });
  // Its last word of before.
  await beat(1_000);
  for (let n = 0; n < 3; n++) await looked();
  expect(dead()).toEqual([true]);
  await beat(2_000);
  await expect.poll(dead, limit).toEqual([false]);
});
