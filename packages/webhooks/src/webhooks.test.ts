import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Running, silentLogger, systemClock } from "@muster/core/service";
import { openStore, type Store } from "@muster/store";
import { openTestStore, sampleQueue, solo, type TestStore } from "@muster/store/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";
import { webhooks } from "./service.ts";
import { startEndpoint, TEST_SECRET, type TestEndpoint } from "./testing/endpoint.ts";

let test: TestStore;
let folder: string;
let endpoint: TestEndpoint;
const running: Running[] = [];
beforeEach(async () => {
  [test, endpoint, folder] = await Promise.all([
    openTestStore(),
    startEndpoint(),
    mkdtemp(join(tmpdir(), "muster-hooks-")),
  ]);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop()));
  await endpoint.stop();
  await test.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Starts the service with these hooks; each of them has a secret. */
const start = async (hooks: { id: string; url: string; events?: string[]; queues?: string[] }[], env = {}) => {
  const file = join(folder, "hooks.json");
  await writeFile(file, JSON.stringify(hooks));
  const secrets = JSON.stringify(Object.fromEntries(hooks.map(({ id }) => [id, TEST_SECRET])));
  const settings = {
    REDIS_URL: test.redis.url,
    MUSTER_PORT: "0",
    MUSTER_WEBHOOKS: file,
    MUSTER_WEBHOOK_SECRETS: secrets,
    MUSTER_NAME: `webhooks-${running.length + 1}`,
    ...env,
  };
  const service = await webhooks.start(readConfig(settings), silentLogger);
  running.push(service);
  // A hook hears what happens from its first look at the stream on.
  for (const { id } of hooks) {
    await expect.poll(async () => (await groups()).includes(`webhook-${id}`)).toBe(true);
  }
  const status = async () => {
    const answer = await (await fetch(`http://127.0.0.1:${service.port}/v1/webhooks`)).text();
    expect(answer).not.toContain(TEST_SECRET.slice(6, 20));
    return (JSON.parse(answer) as { webhooks: Record<string, unknown>[] }).webhooks;
  };
  return { status, resume: (id: string) => post(service, `/v1/webhooks/${id}/resume`) };
};
const post = (service: Running, path: string) => fetch(`http://127.0.0.1:${service.port}${path}`, { method: "POST" });
const groups = async () => ((await test.raw.xinfo("GROUPS", "{main}:events").catch(() => [])) as unknown[][]).flat();

/** Lets tickets wait and be cancelled; returns their ids in order. */
const cancelled = async (from: number, count: number, queue = "duel", store = test.store): Promise<string[]> => {
  const ids = Array.from({ length: count }, (_, n) => `t${from + n}`);
  const tickets = ids.map((id) => ({ id, request: solo(`p-${id}`) }));
  await store.enqueueTickets(sampleQueue({ name: queue }), tickets);
  for (const id of ids) await store.endTicket(id, "cancelled");
  return ids;
};
const told = () => new Set(endpoint.got.map(({ data }) => data.ticket?.id));

describe("a hook", () => {
  it("is told of the events that it wants, signed, with the record as it stands", async () => {
    const { status } = await start([{ id: "push", url: endpoint.url, queues: ["duel"] }]);
    await cancelled(1, 1, "other");
    const ids = await cancelled(2, 3);
    await expect.poll(() => endpoint.got.length, { timeout: 5_000 }).toBe(3);
    expect(told()).toEqual(new Set(ids));
    expect(endpoint.got[0]).toMatchObject({ type: "cancelled", data: { ticket: { status: "cancelled" } } });
    expect(new Set(endpoint.got.map(({ id }) => id)).size).toBe(3);
    expect(endpoint.refused).toBe(0);
    await expect.poll(async () => (await status())[0]).toMatchObject({ delivered: 3, waiting: 0, circuit: "closed" });
  });

  it("is told by itself of each event of a call that did so with many", async () => {
    await start([{ id: "push", url: endpoint.url, events: ["queued"] }]);
    const tickets = Array.from({ length: 60 }, (_, n) => ({ id: `t${n}`, request: solo(`p${n}`) }));
    await test.store.enqueueTickets(sampleQueue(), tickets);
    await expect.poll(() => endpoint.got.length, { timeout: 5_000 }).toBe(60);
    expect(told()).toEqual(new Set(tickets.map(({ id }) => id)));
    expect(new Set(endpoint.got.map(({ id }) => id)).size).toBe(60);
  });

  it("that is dead gets everything once it lives, and shows meanwhile what is wrong; others are not kept waiting", async () => {
    const other = await startEndpoint();
    const { status } = await start([
      { id: "dead", url: endpoint.url },
      { id: "alive", url: other.url },
    ]);
    endpoint.answer = 503;
    const ids = await cancelled(1, 20);
    await expect.poll(() => other.got.length, { timeout: 5_000 }).toBe(20);
    await expect.poll(async () => (await status())[0]?.circuit, { timeout: 5_000 }).toBe("open");
    expect((await status())[0]).toMatchObject({ waiting: 20, lastError: "answered 503: as told", delivered: 0 });
    // Not every message found out by itself.
    expect(endpoint.requests).toBeLessThan(15);
    endpoint.answer = 200;
    await expect.poll(() => endpoint.got.length, { timeout: 20_000 }).toBe(20);
    expect(told()).toEqual(new Set(ids));
    await other.stop();
  }, 40_000);

  it("that answers 410 is left alone until it is switched on again, and is then told the rest", async () => {
    const { status, resume } = await start([{ id: "push", url: endpoint.url }]);
    endpoint.answer = 410;
    await cancelled(1, 1);
    await expect.poll(async () => (await status())[0], { timeout: 5_000 }).toMatchObject({ gaveUp: 1 });
    await expect.poll(async () => (await status())[0]).toHaveProperty("offSince");
    const requests = endpoint.requests;
    endpoint.answer = 200;
    const ids = await cancelled(2, 3);
    expect((await resume("push")).status).toBe(200);
    await expect.poll(() => endpoint.got.length, { timeout: 5_000 }).toBe(3);
    expect(told()).toEqual(new Set(ids));
    expect(endpoint.requests).toBe(requests + 3);
  });

  it("that is full leaves its events in the stream, and learns how many of them that drops", async () => {
    endpoint.answer = 503;
    const { status } = await start([{ id: "push", url: endpoint.url }], { MUSTER_WEBHOOK_MAX_WAITING: "3" });
    await cancelled(1, 3);
    await expect.poll(async () => (await status())[0]?.waiting, { timeout: 5_000 }).toBe(3);
    await cancelled(4, 10);
    await test.raw.xtrim("{main}:events", "MAXLEN", 4);
    endpoint.answer = 200;
    await expect.poll(() => endpoint.got.length, { timeout: 20_000 }).toBe(7);
    // Of the 15 entries that there were, 4 were read and 4 are left.
    expect((await status())[0]).toMatchObject({ missed: 7 });
  }, 40_000);

  it("is served by two processes, each event once, and by the other one when one stops", async () => {
    const hooks = [{ id: "push", url: endpoint.url }];
    await start(hooks);
    await start(hooks);
    await cancelled(1, 50);
    await running.shift()?.stop();
    await cancelled(51, 50);
    await expect.poll(() => told().size, { timeout: 15_000 }).toBe(100);
    expect(endpoint.got).toHaveLength(100);
  }, 30_000);

  it("is told everything also when Redis restarts in between", async () => {
    const { status } = await start([{ id: "push", url: endpoint.url }]);
    await cancelled(1, 2);
    await expect.poll(() => endpoint.got.length, { timeout: 5_000 }).toBe(2);
    // Without persistence: all is forgotten, the group too.
    await test.redis.restart();
    await expect.poll(groups, { timeout: 10_000 }).toContain("webhook-push");
    await cancelled(3, 2);
    await expect.poll(() => told().size, { timeout: 15_000 }).toBe(4);
    await expect.poll(async () => (await status())[0]?.waiting, { timeout: 5_000 }).toBe(0);
  }, 40_000);

  describe("of several partitions", () => {
    let eu: Store;
    let queues: string;
    beforeEach(async () => {
      eu = await openStore({ url: test.redis.url, partition: "eu", name: "eu", clock: systemClock });
      const { name: _, regions, teamShapes: __, ...duel } = sampleQueue();
      queues = join(folder, "queues.json");
      await writeFile(queues, JSON.stringify({ regions, queues: { duel, ranked: { ...duel, partition: "eu" } } }));
    });
    afterEach(() => eu.close());
    const groupsOfEu = async () =>
      ((await test.raw.xinfo("GROUPS", eu.keys.events).catch(() => [])) as unknown[][]).flat();

    it("is told what happens in each of them, by one process", async () => {
      const { status } = await start([{ id: "push", url: endpoint.url }], { MUSTER_QUEUES: queues });
      await expect.poll(groupsOfEu).toContain("webhook-push");
      const ids = [...(await cancelled(1, 3)), ...(await cancelled(4, 3, "ranked", eu))];
      await expect.poll(() => told(), { timeout: 10_000 }).toEqual(new Set(ids));
      expect(new Set(endpoint.got.map(({ data }) => `${data.partition} ${data.event.queue}`))).toEqual(
        new Set(["main duel", "eu ranked"]),
      );
      await expect.poll(async () => (await status())[0]).toMatchObject({ delivered: 6, waiting: 0 });
    });

    it("goes on after a restart with what happened in each of them meanwhile", async () => {
      const hooks = [{ id: "push", url: endpoint.url }];
      await start(hooks, { MUSTER_QUEUES: queues });
      await expect.poll(groupsOfEu).toContain("webhook-push");
      await running.shift()?.stop();
      const ids = [...(await cancelled(1, 3)), ...(await cancelled(4, 3, "ranked", eu))];
      await start(hooks, { MUSTER_QUEUES: queues });
      await expect.poll(() => told(), { timeout: 20_000 }).toEqual(new Set(ids));
    }, 40_000);

    it("is told of those alone that the process works for", async () => {
      const env = { MUSTER_QUEUES: queues, MUSTER_PARTITIONS: "main" };
      await start([{ id: "push", url: endpoint.url }], env);
      await cancelled(1, 1, "ranked", eu);
      const ids = await cancelled(2, 1);
      await expect.poll(() => told(), { timeout: 5_000 }).toEqual(new Set(ids));
      expect(await groupsOfEu()).toEqual([]);
    });

    it("that answers 410 is switched off and on in all of them", async () => {
      const { status, resume } = await start([{ id: "push", url: endpoint.url }], { MUSTER_QUEUES: queues });
      await expect.poll(groupsOfEu).toContain("webhook-push");
      endpoint.answer = 410;
      await cancelled(1, 1);
      await expect.poll(async () => (await status())[0]).toHaveProperty("offSince");
      const requests = endpoint.requests;
      endpoint.answer = 200;
      const ids = await cancelled(2, 1, "ranked", eu);
      expect((await resume("push")).status).toBe(200);
      await expect.poll(() => told(), { timeout: 5_000 }).toEqual(new Set(ids));
      expect(endpoint.requests).toBe(requests + 1);
    });
  });
});
