import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { TicketRequest } from "@muster/core";
import { startService } from "@muster/core/service";
import { openTestStore, sampleQueue, solo, type TestStore } from "@muster/store/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { playserver } from "./service.ts";
import { PlayClient, RealmClient } from "./testing/clients.ts";

/** What the playserver asked the API for, and how that answers. */
let calls: { method: string; url: string; body: unknown }[] = [];
let answer: (url: string) => Reply | undefined | Promise<Reply>;
interface Reply {
  status: number;
  body: unknown;
}
let test: TestStore;
let api: Server;
let ports: number[];
const running: { stop(): Promise<void> }[] = [];
const duel = sampleQueue();

beforeAll(async () => {
  test = await openTestStore();
  api = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const { method = "", url = "" } = request;
    calls.push({ method, url, body: text === "" ? undefined : JSON.parse(text) });
    const reply = await answer(url);
    if (reply) response.writeHead(reply.status).end(JSON.stringify(reply.body));
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  const started = await Promise.all(
    [1, 2].map((n) =>
      startService(playserver, {
        REDIS_URL: test.redis.url,
        MUSTER_PORT: "0",
        MUSTER_NAME: `playserver-${n}`,
        MUSTER_LOG_LEVEL: "silent",
        MUSTER_API_URL: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
      }),
    ),
  );
  running.push(...started.map((each) => each.running));
  ports = started.map((each) => each.running.port);
});
afterAll(async () => {
  for (const each of running) await each.stop();
  api.closeAllConnections();
  api.close();
  await test.stop();
});
beforeEach(async () => {
  calls = [];
  answer = () => ({ status: 200, body: {} });
  await test.raw.flushall();
});

const open = async (player: string, server = 0, query = "") => {
  const client = await PlayClient.open(ports[server] ?? 0, player, query);
  onTestFinished(() => client.close());
  return client;
};
const enqueue = (id: string) => test.store.enqueueTickets(duel, [{ id: `t_${id}`, request: solo(id) }]);
const awayOf = async (id: string) => (await test.store.readTicket(`t_${id}`))?.away;
const isPresent = async (id: string) => (await test.raw.hexists(test.store.keys.presenceHolders, id)) === 1;
const limit = { timeout: 8_000 };

describe("a player's own connection", { timeout: 30_000 }, () => {
  it("says hello with where the player is and what it queued with, then tells each change", async () => {
    await enqueue("ann");
    const ann = await open("ann");
    expect(ann.frames[0]).toMatchObject({
      op: "hello",
      player: { id: "ann", state: "inqueue", ticket: "t_ann", parameters: { id: "ann", elo: 1_000 } },
    });
    await test.store.endTicket("t_ann", "cancelled");
    await ann.until("idle", () => ann.frames.some((frame) => frame.op === "state" && frame.state === "idle"));
  });

  it("that comes back knowing more than is left is told that with a newer version, first of all", async () => {
    await enqueue("ann");
    const { version } = await test.store.readPlayer("ann");
    const known = version + 1_000;
    const ann = await open("ann", 1, `&version=${known}`);
    expect(ann.frames[0]).toMatchObject({ op: "hello", player: { state: "inqueue", ticket: "t_ann" } });
    const told = ann.frames[0]?.op === "hello" ? ann.frames[0].player.version : 0;
    expect(told).toBeGreaterThan(known);
    expect((await test.store.readPlayer("ann")).version).toBe(told);
    // Who is forgotten is not made anew.
    const ben = await open("ben", 0, `&version=${version}`);
    expect(ben.frames[0]).toMatchObject({ op: "hello", player: { version: 0 } });
    expect(await test.raw.exists(test.store.keys.playerState("ben"))).toBe(0);
  });

  it.each(["later", "-1", "99999999999999999"])("is refused with version %s, in words", async (version) => {
    const response = await fetch(`http://127.0.0.1:${ports[0]}/v1/play?player=ann&version=${version}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "INVALID", field: "version" });
  });

  it("that ends makes the player away at once, and the next one back", async () => {
    await enqueue("ann");
    const ann = await open("ann");
    await expect.poll(() => isPresent("ann"), limit).toBe(true);
    await ann.close();
    await expect.poll(() => awayOf("ann"), limit).toEqual(["ann"]);
    await open("ann", 1);
    await expect.poll(() => awayOf("ann"), limit).toBeUndefined();
  });

  it("that ends before its enqueue takes effect leaves nobody waiting as if present", async () => {
    const [called, landed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    answer = async () => {
      called.resolve();
      await landed.promise;
      return { status: 201, body: { id: "t_ann" } };
    };
    const ann = await open("ann");
    await expect.poll(() => isPresent("ann"), limit).toBe(true);
    ann.send({ op: "queue", queue: "duel", ticket: solo("ann") });
    await called.promise;
    await ann.close();
    await expect.poll(() => isPresent("ann"), limit).toBe(false);
    await enqueue("ann");
    landed.resolve();
    await expect.poll(() => awayOf("ann"), limit).toEqual(["ann"]);
    await open("ann", 1);
    await expect.poll(() => awayOf("ann"), limit).toBeUndefined();
  });

  it.each([0, 1])("is closed as replaced by a newer one, also at another playserver: %s", async (other) => {
    await enqueue("ann");
    const older = await open("ann");
    await expect.poll(() => isPresent("ann"), limit).toBe(true);
    await open("ann", other);
    await older.until("the close", () => older.closed !== undefined);
    expect(older.closed).toEqual({ code: 4001, reason: "replaced" });
    expect(await awayOf("ann")).toBeUndefined();
    expect(await isPresent("ann")).toBe(true);
  });

  it("makes the HTTP call that each frame means, and hands back its answer with the frame's id", async () => {
    await enqueue("ann");
    const ann = await open("ann");
    await ann.until("the state", () => ann.frames.length > 1);
    answer = () => ({ status: 201, body: { id: "t_new" } });
    const ticket: TicketRequest = solo("ann");
    expect(await ann.ask("1", { op: "queue", queue: "duel", ticket, replace: true })).toEqual({
      ...{ op: "answer", id: "1", status: 201 },
      body: { id: "t_new" },
    });
    await ann.ask("2", { op: "change", ticket: "t_new", version: 1, teams: ["1"] });
    // In queues with ratings, Muster knows the elo.
    await ann.ask("2b", { op: "queue", queue: "duel", ticket: { players: [{ id: "ann" }] } });
    await ann.ask("2c", { op: "change", ticket: "t_new", version: 1, players: [{ id: "ann" }] });
    await ann.ask("3", { op: "cancel", ticket: "t_new" });
    for (const op of ["accept", "decline", "join", "leave", "spectate"]) await ann.ask(op, { op, match: "m_1" });
    expect(calls).toEqual([
      { method: "DELETE", url: "/v1/tickets/t_ann", body: undefined },
      { method: "POST", url: "/v1/queues/duel/tickets", body: ticket },
      { method: "PATCH", url: "/v1/tickets/t_new", body: { version: 1, teams: ["1"] } },
      { method: "POST", url: "/v1/queues/duel/tickets", body: { players: [{ id: "ann" }] } },
      { method: "PATCH", url: "/v1/tickets/t_new", body: { version: 1, players: [{ id: "ann" }] } },
      { method: "DELETE", url: "/v1/tickets/t_new", body: undefined },
      ...["accept", "decline", "join", "leave", "spectate"].map((op) => ({
        ...{ method: "POST", url: `/v1/matches/m_1/${op}` },
        body: { player: "ann" },
      })),
    ]);
  });

  it("may act for the ticket that hello named, before any state came", async () => {
    await enqueue("ann");
    const ann = await open("ann");
    expect(await ann.ask("1", { op: "cancel", ticket: "t_ann" })).toMatchObject({ op: "answer", status: 200 });
  });

  it("acts for its own player only", async () => {
    await enqueue("bob");
    const ann = await open("ann");
    for (const [id, frame] of Object.entries({
      a: { op: "queue", queue: "duel", ticket: solo("bob") },
      b: { op: "cancel", ticket: "t_bob" },
      c: { op: "change", ticket: "t_bob", version: 1 },
    })) {
      expect(await ann.ask(id, frame)).toMatchObject({ op: "error", id, code: "INVALID" });
    }
    expect(calls).toEqual([]);
  });

  it("has eight calls under way at most, and is answered also when the API doesn't", async () => {
    const ann = await open("ann");
    answer = () => undefined;
    for (let n = 0; n < 8; n++) ann.send({ op: "leave", match: "m_1", id: `${n}` });
    expect(await ann.ask("more", { op: "leave", match: "m_1" })).toMatchObject({ op: "error", code: "OVERLOADED" });
    await ann.until("all answers", () => ann.frames.filter((frame) => frame.op === "answer").length === 8);
    expect(ann.frames.find((frame) => frame.op === "answer")).toMatchObject({
      status: 503,
      body: { code: "STORE_UNAVAILABLE" },
    });
  });

  it("is answered when it asks whether anybody is there, whatever calls are under way", async () => {
    const ann = await open("ann");
    answer = () => undefined;
    for (let n = 0; n < 8; n++) ann.send({ op: "leave", match: "m_1", id: `${n}` });
    ann.send({ op: "ping" });
    await ann.until("pong", () => ann.frames.some((frame) => frame.op === "pong"));
  });

  it("is refused in words without a player", async () => {
    const response = await fetch(`http://127.0.0.1:${ports[0]}/v1/play`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "INVALID", field: "player" });
  });
});

it("a realm that holds players vouches for them until its connection ends", async () => {
  await enqueue("ann");
  await enqueue("bob");
  const realm = await RealmClient.open(ports[0] ?? 0);
  realm.send(JSON.stringify({ op: "hold", players: ["ann", "bob"] }));
  await expect.poll(() => isPresent("bob"), limit).toBe(true);
  realm.send(JSON.stringify({ op: "release", players: ["bob"] }));
  await expect.poll(() => awayOf("bob"), limit).toEqual(["bob"]);
  expect(await awayOf("ann")).toBeUndefined();
  await realm.close();
  await expect.poll(() => awayOf("ann"), limit).toEqual(["ann"]);
});

it("players stay there while their playserver restarts, until another one stands for them", async () => {
  const { running: restarting } = await startService(playserver, {
    ...{ REDIS_URL: test.redis.url, MUSTER_PORT: "0", MUSTER_NAME: "playserver-3", MUSTER_LOG_LEVEL: "silent" },
  });
  await enqueue("ann");
  await enqueue("bob");
  const realm = await RealmClient.open(restarting.port);
  realm.send(JSON.stringify({ op: "hold", players: ["ann"] }));
  const bob = await PlayClient.open(restarting.port, "bob");
  await expect.poll(async () => (await isPresent("ann")) && (await isPresent("bob")), limit).toBe(true);
  await restarting.stop();
  expect(realm.closed?.code).toBe(1012);
  expect(await test.store.readTicket("t_ann")).toMatchObject({ version: 1 });
  expect([await awayOf("ann"), await awayOf("bob")]).toEqual([undefined, undefined]);
  const before = await test.raw.hget(test.store.keys.presenceHolders, "bob");
  await open("bob");
  await expect.poll(() => test.raw.hget(test.store.keys.presenceHolders, "bob"), limit).not.toBe(before);
  expect(await test.store.readTicket("t_bob")).toMatchObject({ version: 1 });
  await bob.close();
});
