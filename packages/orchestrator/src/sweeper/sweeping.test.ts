import { acceptMatch, type Queue } from "@muster/core";
import { silentLogger } from "@muster/core/service";
import { commitMatches, connectForCommits, type SearchJob, unpackTicket } from "@muster/store";
import { duelProposal, openTestStore, sampleQueue, solo, type TestStore } from "@muster/store/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { startSweeping } from "./sweeping.ts";

const queue = sampleQueue();
const asked = sampleQueue({ name: "asked", readyCheck: { withinMs: 5_000 } });
const queues = new Map([queue, asked].map((each) => [each.name, each]));
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

const enqueue = (id: string, into = queue) => test.store.enqueueTickets(into, [{ id: `t_${id}`, request: solo(id) }]);
/** Somebody who would suit all the others, and is not due: else it would be plain that nobody can be matched. */
const addCompany = async (into = queue) => {
  await enqueue("company", into);
  const waiting = [{ id: "t_company", version: 1, elo: 1_000, tries: 0 }];
  await test.store.retryTickets(into.name, waiting, { dueAt: Number.MAX_SAFE_INTEGER, countTry: false });
};
const limit = { timeout: 5_000 };

it("searches again for a ticket whose search got lost, and again, until something comes of it", async () => {
  await addCompany();
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

it("gives who has nobody in reach one try more after the other, without a job", async () => {
  await enqueue("ann");
  for (const tries of [1, 2]) {
    aheadMs += 2_100;
    await expect.poll(async () => (await test.store.readTicket("t_ann"))?.tries, limit).toBe(tries);
  }
  expect(jobs).toEqual([]);
  expect(await test.inconsistencies()).toEqual([]);
});

it("expires a ticket at its deadline and records it", async () => {
  await enqueue("ann");
  aheadMs += queue.expireAfterMs;
  await expect.poll(async () => (await test.store.readTicket("t_ann"))?.status, limit).toBe("expired");
  expect(await test.store.readPlayer("ann")).toMatchObject({ state: "idle" });
  expect((await test.events()).map(({ type }) => type)).toEqual(["queued", "expired"]);
  expect(await test.inconsistencies()).toEqual([]);
});

it("hands out no ticket with a player away, and expires it when the grace is over", async () => {
  await addCompany();
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

it("takes nobody for lost after an outage before whoever holds players could say so again", async () => {
  await sweeping.close();
  let [gone, failed] = [true, 0];
  const readSchedule: typeof test.store.readSchedule = async (...args) => {
    if (!gone) return test.store.readSchedule(...args);
    failed += 1;
    throw new Error("Connection is closed.");
  };
  const searches = { add: async (job: SearchJob) => void jobs.push(job), waiting: async () => 0 };
  sweeping = startSweeping({ store: { ...test.store, readSchedule }, searches }, queues, silentLogger);
  await addCompany();
  await enqueue("ann");
  await test.store.connectPlayers((name) => queues.get(name), "c1", ["ann"]);
  await expect.poll(() => failed, limit).toBe(1);
  aheadMs += 20_000;
  gone = false;
  // Two rounds: that of the first one is over.
  await expect.poll(() => jobs.length, limit).toBe(1);
  aheadMs += 2_100;
  await expect.poll(() => jobs.length, limit).toBe(2);
  expect((await test.store.readTicket("t_ann"))?.away).toBeUndefined();
  // Nobody said so.
  aheadMs += 15_000;
  await expect.poll(async () => (await test.store.readTicket("t_ann"))?.away, limit).toEqual(["ann"]);
});

it("takes nobody for lost right after its own start: Redis may have been gone before", async () => {
  await sweeping.close();
  await addCompany();
  await enqueue("ann");
  await test.store.connectPlayers((name) => queues.get(name), "c1", ["ann"]);
  aheadMs += 20_000;
  const searches = { add: async (job: SearchJob) => void jobs.push(job), waiting: async () => 0 };
  sweeping = startSweeping({ store: test.store, searches }, queues, silentLogger);
  await expect.poll(() => jobs.length, limit).toBe(1);
  aheadMs += 2_100;
  await expect.poll(() => jobs.length, limit).toBe(2);
  expect((await test.store.readTicket("t_ann"))?.away).toBeUndefined();
  aheadMs += 15_000;
  await expect.poll(async () => (await test.store.readTicket("t_ann"))?.away, limit).toEqual(["ann"]);
});

/** A match of these two. */
const matched = async (id: string, ann: string, bob: string, of: Queue = queue) => {
  await enqueue(ann, of);
  await enqueue(bob, of);
  await test.store.holdLease("me", 60_000);
  const connection = connectForCommits(test.redis.url, "commit", "main");
  await connection.connect();
  const { keys, retention, clock } = test.store;
  const context = { connection, keys, retention, fence: "me", now: clock.now(), queue: () => of };
  const tickets = [ann, bob].map((player): [string, string] => [`t_${player}`, player]);
  expect(await commitMatches(context, [duelProposal(id, tickets, { queue: of.name })])).toEqual(["committed"]);
  connection.disconnect();
};

it("dissolves a match at the end of its ready check, and puts who accepted back", async () => {
  await matched("m_1", "ann", "bob", asked);
  await test.store.changeMatch(
    "m_1",
    (name) => queues.get(name),
    (of, match, now) => acceptMatch(of, match, "ann", now),
  );
  aheadMs += 5_000;
  await expect.poll(async () => (await test.store.readMatch("m_1"))?.dissolved, limit).toBe("silent");
  expect(await test.store.readPlayer("ann")).toMatchObject({ state: "inqueue", ticket: "t_ann" });
  expect(await test.store.readTicket("t_bob")).toMatchObject({ status: "cancelled", reason: "silent" });
  expect(await test.inconsistencies()).toEqual([]);
});

it("lets nothing that fails hold up anything else", async () => {
  await sweeping.close();
  const broken = () => Promise.reject(new Error("broken"));
  const claimDue: typeof test.store.claimDue = (name, most) =>
    name === queue.name ? broken() : test.store.claimDue(name, most);
  const searches = { add: async (job: SearchJob) => void jobs.push(job), waiting: async () => 0 };
  const store = { ...test.store, claimDue, disconnectLost: broken };
  await matched("m_1", "ann", "bob");
  await test.raw.hset(test.store.keys.match("m_1"), "request", "{");
  await matched("m_2", "cat", "dan");
  await enqueue("eve");
  await addCompany(asked);
  await enqueue("gus", asked);
  sweeping = startSweeping({ store, searches }, queues, silentLogger);
  aheadMs += 2_100;
  await expect.poll(() => jobs.map(({ queue }) => queue), limit).toEqual(["asked"]);
  aheadMs += queue.matchLengthMs;
  await expect.poll(async () => (await test.store.readMatch("m_2"))?.state, limit).toBe("ended");
});

it("does what is to be done for all others beside records that nobody could have written", async () => {
  await test.store.connectPlayers((name) => queues.get(name), "c1", ["eve", "fay"]);
  await matched("m_1", "ann", "eve");
  for (const id of ["bob", "cat", "fay"]) await enqueue(id);
  await test.raw.hset(test.store.keys.match("m_1"), "body", "{");
  await test.raw.hset(test.store.keys.ticket("t_bob"), "body", "{");
  aheadMs += 2_100;
  const searchedFor = () => jobs.flatMap(({ serve }) => serve.map((packed) => unpackTicket(packed).id));
  await expect.poll(searchedFor, limit).toContain("t_cat");
  aheadMs += 13_000;
  await expect.poll(async () => (await test.store.readTicket("t_fay"))?.away, limit).toEqual(["fay"]);
  // Whoever couldn't be noted in its match is looked at again.
  expect(await test.raw.zscore(test.store.keys.presence, "eve")).not.toBeNull();
});

it("drops the tickets of a match once their outcome was kept for its time", async () => {
  await matched("m_1", "ann", "bob");
  aheadMs += queue.matchLengthMs + test.store.retention.endedMs - 2_000;
  await expect.poll(async () => (await test.store.readMatch("m_1"))?.state, limit).toBe("ended");
  expect(await test.store.readTicket("t_ann")).toMatchObject({ status: "matched", match: "m_1" });
  aheadMs += 2_000;
  await expect.poll(() => test.store.readTicket("t_ann"), limit).toBeNull();
  expect(await test.store.readTicket("t_bob")).toBeNull();
  expect(await test.inconsistencies()).toEqual([]);
});

it("ends a match whose time is over", async () => {
  await matched("m_1", "ann", "bob");
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
  await addCompany();
  await enqueue("ann");
  aheadMs += 2_100;
  await expect.poll(() => jobs.length, limit).toBe(1);
});
