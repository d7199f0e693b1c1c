import { silentLogger, systemClock } from "@muster/core/service";
import { openDoctor, openStore, type Store } from "@muster/store";
import { sampleQueue, solo, startTestRedis, type TestRedis } from "@muster/store/testing";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type ReconcilingDeps, reconcileWhenDue, startReconciling } from "./reconciling.ts";

const duel = sampleQueue();
let server: TestRedis;
let raw: Redis;
let store: Store;
let examined: number;
let deps: ReconcilingDeps;

beforeAll(async () => {
  server = await startTestRedis({ appendOnly: true });
});
afterAll(() => server.stop());
beforeEach(async () => {
  // A restart takes it away for a moment.
  raw = new Redis(server.url).on("error", () => {});
  await raw.flushall();
  store = await openStore({ url: server.url, partition: "main", name: "test", clock: systemClock });
  examined = 0;
  const openCounted = () => {
    examined += 1;
    return openDoctor({
      ...{ url: server.url, partition: "main", name: "test-doctor", clock: systemClock },
      queue: (name) => (name === duel.name ? duel : undefined),
    });
  };
  deps = { store, openDoctor: openCounted };
});
afterEach(async () => {
  raw.disconnect();
  await store.close();
});

/** As a fail-over that loses a ticket leaves its player. */
const loseTicket = async () => {
  await store.enqueueTickets(duel, [{ id: "t_ann", request: solo("ann") }]);
  await raw.del(store.keys.ticket("t_ann"));
};

it("frees a player whose ticket was lost, tells of it in an event, and of what is left where the monitor reads it", async () => {
  await loseTicket();
  await raw.set(store.keys.ticket("t_broken"), "no hash");
  const reconciling = startReconciling(deps, silentLogger);
  await expect.poll(() => store.readDiagnosis(), { timeout: 10_000 }).toMatchObject({ faults: 1 });
  await reconciling.close();
  expect((await store.readPlayer("ann")).state).toBe("idle");
  const events = await raw.xrange(store.keys.events, "-", "+");
  expect(events.map(([, fields]) => fields)).toContainEqual(expect.arrayContaining(["mended", "lost-player", "ann"]));
});

it("is done by one of several, once", async () => {
  await Promise.all([1, 2, 3].map(() => reconcileWhenDue(deps, silentLogger)));
  await reconcileWhenDue(deps, silentLogger);
  expect(examined).toBe(1);
});

it("is done again by one of several when Redis is another run", async () => {
  await reconcileWhenDue(deps, silentLogger);
  await server.restart();
  await expect.poll(() => store.takeDoctorLease(60_000).catch(() => undefined), { timeout: 10_000 }).toBe(true);
  expect(await Promise.all([1, 2].map(() => store.takeDoctorLease(60_000)))).toEqual([false, false]);
});

it("is due at once when it failed", async () => {
  const failing = { ...deps, openDoctor: () => Promise.reject(new Error("gone")) };
  await expect(reconcileWhenDue(failing, silentLogger)).rejects.toThrow("gone");
  await reconcileWhenDue(deps, silentLogger);
  expect(examined).toBe(1);
});
