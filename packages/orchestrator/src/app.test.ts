import { connectForCommits } from "@muster/store";
import { openTestStore, sampleQueue, type TestStore } from "@muster/store/testing";
import type { FastifyInstance, InjectOptions } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildTestApp } from "./testing/build-test-app.ts";

const duel = sampleQueue();
const strict = sampleQueue({
  name: "strict",
  steps: [
    { fromTry: 0, eloSpread: 50 },
    { fromTry: 2, eloSpread: 200 },
  ],
});
const queues = new Map([duel, strict].map((queue) => [queue.name, queue]));

let test: TestStore;
let app: FastifyInstance;
beforeAll(async () => {
  test = await openTestStore();
  app = await buildTestApp({ store: test.store, queues });
});
afterAll(async () => {
  await app.close();
  await test.stop();
});
beforeEach(async () => {
  await test.raw.flushall();
});

const call = async (method: "GET" | "POST" | "DELETE", url: string, options: InjectOptions = {}) => {
  const response = await app.inject({ method, url, ...options });
  return { status: response.statusCode, headers: response.headers, body: response.json() };
};
const enqueue = (id: string, queue = "duel") =>
  call("POST", `/v1/queues/${queue}/tickets`, { payload: { players: [{ id, elo: 1_000 }] } });

describe("explain", () => {
  it("says what refuses the others that wait, the nearest of them, and when the criteria widen", async () => {
    const { id } = (await enqueue("ann", "strict")).body;
    const far = { players: [{ id: "far", elo: 1_150 }] };
    const other = (await call("POST", "/v1/queues/strict/tickets", { payload: far })).body.id;
    const { status, body } = await call("GET", `/v1/tickets/${id}/explain`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ticket: id,
      queue: "strict",
      tries: 0,
      criteria: { eloSpread: 50 },
      candidates: 1,
      compatible: 0,
      refusals: [{ rule: "eloSpread", first: 1, byOwn: 1, byTheirs: 1 }],
      nearestMiss: { ticket: other, refusals: [{ rule: "eloSpread", by: 100 }], passes: { atTry: 2, inMs: 2_000 } },
      nextWidening: { atTry: 2, inMs: 2_000, criteria: { eloSpread: 200 } },
      estimatedWaitMs: null,
    });
  });

  it("has nothing to say of a ticket that has ended", async () => {
    const { id } = (await enqueue("ann")).body;
    await call("DELETE", `/v1/tickets/${id}`);
    const { status, body } = await call("GET", `/v1/tickets/${id}/explain`);
    expect([status, body.code]).toEqual([409, "TICKET_OVER"]);
    expect((await call("GET", "/v1/tickets/t_nope/explain")).body.code).toBe("TICKET_NOT_FOUND");
  });
});

describe("queues", () => {
  it("show definition, depth and waits", async () => {
    await enqueue("ann");
    const { body } = await call("GET", "/v1/queues");
    expect(body.queues.map(({ name }: { name: string }) => name)).toEqual(["duel", "strict"]);
    expect(body.queues[0]).toMatchObject({ depth: 1, waitMs: null, estimatedWaitMs: null });
    expect((await call("GET", "/v1/queues/duel")).body).toEqual(body.queues[0]);
  });
});

describe("operations", () => {
  it("serve health, readiness, the API's description and its page", async () => {
    expect((await call("GET", "/healthz")).status).toBe(200);
    expect((await call("GET", "/readyz")).body).toMatchObject({ ready: true, role: "orchestrator" });
    const { body } = await call("GET", "/openapi.json");
    expect(Object.keys(body.paths)).toContain("/v1/queues/{queue}/tickets");
    expect((await app.inject({ url: "/docs/" })).body).toContain("swagger");
  });
});

describe("while Redis is gone", () => {
  it("every call answers 503 with Retry-After within two seconds, and all is well again when it is back", async () => {
    await test.redis.kill();
    const began = performance.now();
    const answers = await Promise.all([enqueue("ann"), call("GET", "/v1/queues"), call("GET", "/v1/players/ann")]);
    for (const { status, headers, body } of answers) {
      expect([status, body.code]).toEqual([503, "STORE_UNAVAILABLE"]);
      expect(Number(headers["retry-after"])).toBeGreaterThan(0);
    }
    expect((await call("GET", "/readyz")).status).toBe(503);
    expect((await call("GET", "/healthz")).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(2_000);
    await test.redis.start();
    await expect.poll(async () => (await call("GET", "/readyz")).status, { timeout: 5_000 }).toBe(200);
    expect((await enqueue("ann")).status).toBe(201);
  });

  it("a Redis that hangs is no different, and a call is never answered with success before it is in Redis", async () => {
    test.redis.pause();
    const began = performance.now();
    const { status, body } = await enqueue("hang");
    expect([status, body.code]).toEqual([503, "STORE_UNAVAILABLE"]);
    expect(performance.now() - began).toBeLessThan(2_000);
    test.redis.resume();
    await expect.poll(async () => (await call("GET", "/readyz")).status, { timeout: 5_000 }).toBe(200);
  });

  it("a Redis that is read-only or full is no different", async () => {
    const admin = test.store;
    await expect
      .poll(
        () =>
          admin.ping().then(
            () => true,
            () => false,
          ),
        { timeout: 5_000 },
      )
      .toBe(true);
    const raw = connectForCommits(test.redis.url, "admin", "main");
    await raw.connect();
    await raw.config("SET", "maxmemory", "1mb");
    const full = await enqueue("full");
    expect([full.status, full.body.code]).toEqual([503, "STORE_UNAVAILABLE"]);
    await raw.config("SET", "maxmemory", "0");
    await raw.replicaof("127.0.0.1", "1");
    const readOnly = await enqueue("ro");
    expect([readOnly.status, readOnly.body.code]).toEqual([503, "STORE_UNAVAILABLE"]);
    await raw.replicaof("NO", "ONE");
    // Whoever met a replica connects anew, in case that the master is elsewhere.
    await expect.poll(async () => (await enqueue("ok")).status, { timeout: 5_000 }).toBe(201);
  });
});
