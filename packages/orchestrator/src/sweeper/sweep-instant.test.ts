import { silentLogger, systemIds } from "@muster/core/service";
import type { SearchJob } from "@muster/store";
import { anyEntry, openTestStore, sampleInstantQueue, type TestStore } from "@muster/store/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { startSweeping } from "./sweeping.ts";

const queue = sampleInstantQueue({ expireAfterMs: 20_000 });
const queues = new Map([["instant", queue]]);
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

const limit = { timeout: 5_000 };
const enter = async (user: string) => {
  const outcome = await test.store.instant.enter(queue, user, systemIds.ticket(), anyEntry(user));
  if (outcome.outcome !== "waiting") throw new Error(`${user} doesn't wait`);
  return outcome.ticket.id;
};

it("a request for an instant match expires at its deadline, and nothing was searched for it before", async () => {
  const ticket = await enter("ann");
  aheadMs += queue.expireAfterMs;
  await expect.poll(async () => (await test.store.readTicket(ticket))?.status, limit).toBe("expired");
  expect(await test.store.readPlayer("ann")).toMatchObject({ state: "idle" });
  expect(await test.store.instant.waitingTickets()).toEqual(new Map());
  expect(jobs).toEqual([]);
});

it("one whose user is away is over at once, and was off the list before", async () => {
  const ticket = await enter("bob");
  await test.store.markAway((name) => queues.get(name), "bob");
  expect(await test.store.instant.waitingTickets()).toEqual(new Map());
  await expect.poll(async () => (await test.store.readTicket(ticket))?.status, limit).toBe("expired");
  expect(await test.store.readTicket(ticket)).toMatchObject({ reason: "disconnected" });
  expect(jobs).toEqual([]);
});
