import { createConnection } from "node:net";
import { systemClock } from "@muster/core/service";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { connectForCommits } from "../redis/connect.ts";
import {
  openTestStore,
  SAMPLE_ROLES,
  sampleBeat,
  sampleQueue,
  solo,
  startTestRedis,
  type TestStore,
} from "../testing/index.ts";
import type { Check } from "./check.ts";
import { type Doctor, openDoctor } from "./open-doctor.ts";

const duel = sampleQueue();

let test: TestStore;
let doctor: Doctor;
const open = (url = test.redis.url) =>
  openDoctor({ url, partition: "main", name: "doctor", clock: systemClock, queue: () => duel });

beforeAll(async () => {
  test = await openTestStore();
  doctor = await open();
});
afterAll(async () => {
  await doctor?.close();
  await test?.stop();
});
beforeEach(async () => {
  await test.raw.flushall();
});

describe("the server", () => {
  const named = (checks: readonly Check[], name: string) => checks.find((check) => check.name === name);

  it("is said to be wrong in each thing that is, and how to mend it", async () => {
    const checks = await doctor.checkServer();
    const wrong = checks.filter(({ status }) => status === "wrong");
    expect(wrong.map(({ name }) => name)).toEqual([
      ...["notify-keyspace-events", "appendonly", "notifications", "mover", "services"],
    ]);
    for (const { howToMend } of wrong) expect(howToMend).toBeTruthy();
    expect(named(checks, "Redis version")?.status).toBe("ok");
    expect(named(checks, "clock")?.status).toBe("ok");
  });

  it("is well as `muster up` starts it", async () => {
    const redis = await startTestRedis({ appendOnly: true });
    const its = await open(redis.url);
    const admin = connectForCommits(redis.url, "admin", "main");
    await admin.connect();
    await admin.config("SET", "notify-keyspace-events", "K$");
    await admin.config("SET", "hash-max-listpack-value", "2304");
    await admin.set(test.store.keys.moverLease, "me", "PX", 60_000);
    await admin.set(test.store.keys.moverFence, "me");
    for (const role of SAMPLE_ROLES) {
      await admin.hset(test.store.keys.services, role, JSON.stringify(sampleBeat(role, systemClock.now())));
    }
    const checks = await its.checkServer();
    expect(checks.filter(({ status }) => status !== "ok")).toEqual([]);
    expect(named(checks, "notifications")?.text).toBe("a state that was set for a test was announced");
    expect(named(checks, "services")?.text).toBe("1 matchmaker, 1 mover, 1 orchestrator, 1 playserver, 1 sweeper");
    await admin.config("SET", "maxmemory-policy", "allkeys-lru");
    expect(named(await its.checkServer(), "maxmemory-policy")).toMatchObject({ status: "wrong", text: "allkeys-lru" });
    admin.disconnect();
    await its.close();
    await redis.stop();
  });

  it("names who fell silent, and the roles of which nobody lives", async () => {
    const now = test.store.clock.now();
    for (const role of SAMPLE_ROLES) {
      await test.store.writeBeat(sampleBeat(role, role === "sweeper" ? now - 30_000 : now));
    }
    const checks = await doctor.checkServer();
    expect(named(checks, "services")).toMatchObject({ status: "wrong", text: "no sweeper has said that it lives" });
    expect(named(checks, "sweeper-1")).toMatchObject({
      status: "wrong",
      text: expect.stringMatching(/^silent for 3\d s; it was process 7 on here$/),
    });
  });

  it("tells a leader that can't commit, and a lease that never ends", async () => {
    const { moverLease, moverFence } = test.store.keys;
    await test.store.holdLease("leading-mover", 60_000);
    expect(named(await doctor.checkServer(), "mover")).toMatchObject({
      status: "ok",
      text: expect.stringMatching(/^leading- leads/),
    });
    await test.raw.set(moverFence, "another");
    expect(named(await doctor.checkServer(), "mover")).toMatchObject({
      status: "wrong",
      text: expect.stringContaining("the fence is another's"),
      howToMend: expect.stringContaining(moverLease),
    });
    await test.raw.set(moverFence, "leading-mover");
    await test.raw.persist(moverLease);
    expect(named(await doctor.checkServer(), "mover")).toMatchObject({
      status: "wrong",
      text: expect.stringContaining("never ends"),
    });
  });

  it("takes a copy that is being made for no replica", async () => {
    const { hostname, port } = new URL(test.redis.url);
    const copy = createConnection({ host: hostname, port: Number(port) });
    onTestFinished(() => void copy.destroy());
    copy.resume();
    // As redis-cli --rdb does.
    copy.write("SYNC\r\n");
    await expect.poll(() => test.raw.info("replication"), { timeout: 10_000 }).toContain("connected_slaves:1");
    const replicas = named(await doctor.checkServer(), "min-replicas-to-write");
    expect(replicas).toMatchObject({ status: "ok", text: "0, and 0 replicas are connected" });
    copy.destroy();
    await expect.poll(() => test.raw.info("replication"), { timeout: 10_000 }).toContain("connected_slaves:0");
  }, 20_000);

  it("wants a master with replicas to take no writes that would be lost, and one without to take any", async () => {
    const replicas = async () => named(await doctor.checkServer(), "min-replicas-to-write");
    expect(await replicas()).toMatchObject({ status: "ok", text: "0, and 0 replicas are connected" });
    onTestFinished(async () => void (await test.raw.config("SET", "min-replicas-to-write", "0")));
    const replica = await startTestRedis();
    const itself = connectForCommits(replica.url, "replica", "main");
    await itself.connect();
    const { hostname, port } = new URL(test.redis.url);
    await itself.replicaof(hostname, port);
    await expect.poll(replicas, { timeout: 10_000 }).toMatchObject({
      status: "wrong",
      text: "0, and 1 replicas are connected",
      howToMend: expect.stringContaining("CONFIG SET min-replicas-to-write 1"),
    });
    await test.raw.config("SET", "min-replicas-to-write", "1");
    expect(await replicas()).toMatchObject({ status: "ok" });
    itself.disconnect();
    await replica.stop();
    await expect.poll(replicas, { timeout: 10_000 }).toMatchObject({
      status: "wrong",
      howToMend: expect.stringContaining("now no write is taken"),
    });
    const written = named(await doctor.checkServer(), "notifications");
    expect(written).toMatchObject({
      status: "wrong",
      text: expect.stringMatching(/^Redis takes no write: NOREPLICAS/),
    });
  }, 20_000);

  it("advises to let Redis pack records, without calling it wrong", async () => {
    await test.raw.config("SET", "hash-max-listpack-value", "64");
    expect(named(await doctor.checkServer(), "hash-max-listpack-value")).toMatchObject({
      status: "advice",
      howToMend: expect.stringContaining("CONFIG SET hash-max-listpack-value 2304"),
    });
  });

  it("says which queues are stuck, and a clock that is off", async () => {
    await test.store.enqueueTickets(
      duel,
      ["ann", "bob"].map((player) => ({ id: `t_${player}`, request: solo(player) })),
    );
    await test.raw.zadd(test.store.keys.due("duel"), systemClock.now() - 11_000, "t_ann");
    expect(named(await doctor.checkServer(), "queue duel")).toMatchObject({
      status: "wrong",
      text: "1 tickets have been due for over 10 s",
    });
    const late = await openDoctor({
      ...{ url: test.redis.url, partition: "main", name: "late", queue: () => undefined },
      clock: { now: () => systemClock.now() - 60_000 },
    });
    const clock = named(await late.checkServer(), "clock");
    await late.close();
    expect(clock?.status).toBe("wrong");
    expect(clock?.text).toMatch(/^this machine is (59|60)\d{3} ms behind Redis$/);
  });

  it("that isn't there is STORE_UNAVAILABLE", async () => {
    await expect(open("redis://127.0.0.1:1")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });
});
