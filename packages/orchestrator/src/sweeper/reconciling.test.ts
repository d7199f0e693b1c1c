import { silentLogger, systemClock } from "@muster/core/service";
import { openDoctor, openStore, type Store } from "@muster/store";
import { sampleQueue, solo, startTestRedis, type TestRedis } from "@muster/store/testing";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, onTestFinished } from "vitest";
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
  deps = { store, openDoctor: openCounted, raiseFormat: () => Promise.resolve() };
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

it("is broken off by closing, and left to the next sweeper", async () => {
  const looking = Promise.withResolvers<void>();
  const endless: ReconcilingDeps["openDoctor"] = async () => ({
    async *examine(signal?: AbortSignal) {
      looking.resolve();
      await new Promise<void>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
      yield* [];
    },
    mend: () => Promise.reject(new Error("nothing was found")),
    tell: () => Promise.reject(new Error("not all was looked at")),
    close: () => Promise.resolve(),
  });
  const reconciling = startReconciling({ ...deps, openDoctor: endless }, silentLogger);
  await looking.promise;
  await reconciling.close();
  expect(await store.takeDoctorLease(60_000)).toBe(true);
});

it("is done again when a replica took over, also when it has given back since", async () => {
  const other = await startTestRedis();
  const second = new Redis(other.url);
  onTestFinished(async () => {
    second.disconnect();
    await other.stop();
  });
  const follow = async (replica: Redis, { url }: TestRedis, master: Redis) => {
    const { hostname, port } = new URL(url);
    await master.config("SET", "repl-diskless-sync-delay", 0);
    await replica.replicaof(hostname, port);
    await expect.poll(async () => await master.wait(1, 1_000), { timeout: 20_000 }).toBe(1);
  };
  await follow(second, server, raw);
  expect(await store.takeDoctorLease(60_000)).toBe(true);
  expect(await store.takeDoctorLease(60_000)).toBe(false);
  await second.replicaof("NO", "ONE");
  await follow(raw, other, second);
  await raw.replicaof("NO", "ONE");
  expect(await store.takeDoctorLease(60_000)).toBe(true);
  expect(await store.takeDoctorLease(60_000)).toBe(false);
}, 30_000);
