import { silentLogger } from "@muster/core/service";
import { commitMatches, connectForCommits, type SearchJob, unpackTicket } from "@muster/store";
import { duelProposal, openTestStore, sampleQueue, solo, type TestStore } from "@muster/store/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { startSweeping } from "./sweeping.ts";

const queue = sampleQueue();
const queues = new Map([["duel", queue]]);
/** How far the test has moved its clock ahead. */
let aheadMs = 0;
let test: TestStore;
let jobs: SearchJob[];
let sweeping: ReturnType<typeof startSweeping>;

beforeAll(async () => {
  test = await openTestStore({ now: () => Date.now() + aheadMs });
});
afterAll(() => test.stop());
beforeEach(async () => {
  aheadMs = 0;
  jobs = [];
  await test.raw.flushall();
  const searches = { add: async (job: SearchJob) => void jobs.push(job), waiting: async () => 0 };
  sweeping = startSweeping({ store: test.store, searches }, queues, silentLogger);
});
afterEach(() => sweeping.close());

const enqueue = (id: string) => test.store.enqueueTickets(queue, [{ id: `t_${id}`, request: solo(id) }]);
const limit = { timeout: 5_000 };

it("searches again for a ticket whose search got lost, and again, until something comes of it", async () => {
  await enqueue("ann");
  for (const round of [1, 2, 3]) {
    aheadMs += 2_100;
    await expect.poll(() => jobs.length, limit).toBe(round);
  }
  expect(jobs.map(({ serve }) => serve.map((packed) => unpackTicket(packed).id))).toEqual([
    ["t_ann"],
    ["t_ann"],
    ["t_ann"],
  ]);
});

it("hands out no ticket before it is due", async () => {
  await enqueue("ann");
  await enqueue("bob");
  const dueAt = test.store.clock.now() + 400;
  await test.store.retryTickets("duel", [{ id: "t_bob", version: 1, elo: 1_000, tries: 0 }], { dueAt, countTry: true });
  await expect.poll(() => jobs.length, limit).toBe(1);
  expect(test.store.clock.now()).toBeGreaterThanOrEqual(dueAt);
  expect(jobs[0]?.serve.map((packed) => unpackTicket(packed))).toMatchObject([{ id: "t_bob", tries: 1 }]);
});

it("expires a ticket at its deadline and records it", async () => {
  await enqueue("ann");
  aheadMs += queue.expireAfterMs;
  await expect.poll(async () => (await test.store.readTicket("t_ann"))?.status, limit).toBe("expired");
  expect(await test.store.readPlayer("ann")).toMatchObject({ state: "idle" });
  const events = await test.raw.xrange(test.store.keys.events, "-", "+");
  expect(events.map(([, fields]) => fields.slice(0, 2))).toEqual([
    ["type", "queued"],
    ["type", "expired"],
  ]);
  expect(await test.inconsistencies()).toEqual([]);
});

it("hands out no ticket with a player away, and expires it when the grace is over", async () => {
  await enqueue("ann");
  await test.store.markAway((name) => queues.get(name), "ann");
  aheadMs += 3_000;
  await enqueue("bob");
  aheadMs += 2_100;
  await expect.poll(() => jobs.length, limit).toBe(1);
  expect(jobs[0]?.serve.map((packed) => unpackTicket(packed).id)).toEqual(["t_bob"]);
  aheadMs += 26_000;
  await expect.poll(async () => (await test.store.readTicket("t_ann"))?.status, limit).toBe("expired");
  expect(await test.store.readTicket("t_ann")).toMatchObject({ reason: "disconnected" });
});

it("marks players as away whose connection was lost with its process", async () => {
  await enqueue("ann");
  await test.store.connectPlayers((name) => queues.get(name), "c1", ["ann"]);
  aheadMs += 15_100;
  await expect.poll(async () => (await test.store.readTicket("t_ann"))?.away, limit).toEqual(["ann"]);
});

it("ends a match whose time is over", async () => {
  await enqueue("ann");
  await enqueue("bob");
  await test.store.holdLease("me", 60_000);
  const connection = connectForCommits(test.redis.url, "commit", "main");
  await connection.connect();
  const { keys, retention, clock } = test.store;
  const context = { connection, keys, retention, fence: "me", now: clock.now(), queue: () => queue };
  const tickets = [["t_ann", "ann"] as const, ["t_bob", "bob"] as const];
  await commitMatches(context, [
    duelProposal(
      "m_1",
      tickets.map(([ticket, player]) => [ticket, player]),
    ),
  ]);
  connection.disconnect();
  expect((await test.store.readMatch("m_1"))?.state).toBe("live");
  aheadMs += queue.matchLengthMs;
  await expect.poll(async () => (await test.store.readMatch("m_1"))?.state, limit).toBe("ended");
  expect(await test.store.readPlayer("bob")).toMatchObject({ state: "idle" });
});

it("goes on when Redis comes back", async () => {
  await test.redis.kill();
  await test.redis.start();
  await expect
    .poll(
      () =>
        test.store
          .ping()
          .then(() => true)
          .catch(() => false),
      limit,
    )
    .toBe(true);
  await enqueue("ann");
  aheadMs += 2_100;
  await expect.poll(() => jobs.length, limit).toBe(1);
});
