import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createOriginRule, openToAnyone } from "@muster/access";
import { ConfigError, NEVER_SEEN, type PlayerState } from "@muster/core";
import { createMetrics, silentLogger, startService, systemClock } from "@muster/core/service";
import { connect, createKeys, formatPlayerState } from "@muster/store";
import { startTestRedis, type TestRedis } from "@muster/store/testing";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { WebSocket as Socket } from "ws";
import { buildApp } from "./app.ts";
import { FOR_PLAYERS } from "./frame-limits.ts";
import { HEARTBEAT_EVERY_MS } from "./player-events.ts";
import { MAX_FRAME_BYTES } from "./realm-sockets.ts";
import { playserver } from "./service.ts";
import { connectDeafReader, connectDeafRealm, EventReader, PlayClient, RealmClient } from "./testing/clients.ts";
import { createWatchRegistry, MAX_BUFFERED_BYTES } from "./watch-registry.ts";

const keys = createKeys("main");
const names = (count: number, start: string) => Array.from({ length: count }, (_, index) => `${start}${index}`);

const start = async (redisUrl: string) => {
  const { running } = await startService(playserver, {
    REDIS_URL: redisUrl,
    MUSTER_PORT: "0",
    MUSTER_NAME: "playserver-1",
    MUSTER_LOG_LEVEL: "silent",
  });
  return running;
};

const openWriter = async (url: string) => {
  const redis = connect(url, "writer", "main");
  await redis.connect();
  return {
    redis,
    write: (player: string, version: number, more: Partial<PlayerState> = {}) =>
      redis.set(
        keys.playerState(player),
        formatPlayerState({ state: "inqueue", version, at: version, tries: 0, ...more }),
      ),
  };
};

const openRealm = async (port: number) => {
  const realm = await RealmClient.open(port);
  onTestFinished(() => realm.close());
  return realm;
};

const openEvents = async (port: number, player: string, headers?: Record<string, string>) => {
  const events = await EventReader.open(port, player, headers);
  onTestFinished(() => events.close());
  return events;
};

describe("a playserver", { timeout: 60_000 }, () => {
  let server: TestRedis;
  let writer: Awaited<ReturnType<typeof openWriter>>;
  let running: Awaited<ReturnType<typeof start>>;
  let port: number;
  beforeAll(async () => {
    server = await startTestRedis();
    writer = await openWriter(server.url);
    running = await start(server.url);
    port = running.port;
  });
  afterAll(async () => {
    await running.stop();
    writer.redis.disconnect();
    await server.stop();
  });

  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);
  const readyz = async (): Promise<{ held: number }> => JSON.parse(await (await get("/readyz")).text());

  describe("WS /v1/realm", () => {
    it("sends the state of each watched player at once, and then each change", async () => {
      const realm = await openRealm(port);
      await writer.write("anna", 5, { ticket: "t_1" });
      realm.ask("watch", ["anna", "nobody"]);
      await realm.until("both states", () => realm.frames.length === 2);
      expect(realm.frames).toContainEqual({
        op: "state",
        player: "anna",
        state: "inqueue",
        version: 5,
        ticket: "t_1",
        at: 5,
      });
      expect(realm.frames).toContainEqual({ op: "state", player: "nobody", state: "idle", version: 0, at: 0 });
      await writer.write("anna", 6, { state: "inmatch", ticket: "t_1", match: "m_1" });
      await realm.until("the change", () => realm.frames.length === 3);
      expect(realm.frames[2]).toMatchObject({ state: "inmatch", version: 6, match: "m_1" });
    });

    it("keeps 1,000 players on one connection in order and up to date, beside another realm", async () => {
      const players = names(1_000, "many");
      const [realm, other] = await Promise.all([openRealm(port), openRealm(port)]);
      realm.ask("watch", players);
      other.ask("watch", players.slice(500));
      const rounds = 10;
      for (let version = 1; version <= rounds; version += 1) {
        await Promise.all(players.map((player) => writer.write(player, version)));
      }
      await realm.until("the newest", () => players.every((player) => realm.versions.get(player) === rounds));
      await other.until("its newest", () =>
        players.slice(500).every((player) => other.versions.get(player) === rounds),
      );
      expect(realm.wentBack).toEqual([]);
      expect(other.wentBack).toEqual([]);
      expect(other.versions.size).toBe(500);
    });

    it("sends nothing of a player after unwatch, and the current state after another watch", async () => {
      const realm = await openRealm(port);
      realm.ask("watch", ["carl", "dora"]);
      await realm.until("both states", () => realm.versions.size === 2);
      realm.ask("unwatch", ["carl"]);
      realm.ask("watch", ["dora"]);
      await realm.until("dora again", () => realm.frames.length === 3);
      await writer.write("carl", 1);
      await writer.write("dora", 1);
      await realm.until("the change", () => realm.versions.get("dora") === 1);
      expect(realm.versions.get("carl")).toBe(0);
      realm.ask("watch", ["carl"]);
      await realm.until("the state meanwhile", () => realm.versions.get("carl") === 1);
    });

    it("answers faulty frames and stays open", async () => {
      const realm = await openRealm(port);
      for (const frame of ["hello", '{"op":"watch","players":["a b"]}', new Uint8Array([1, 2])]) realm.send(frame);
      await realm.until("three errors", () => realm.frames.length === 3);
      for (const frame of realm.frames) expect(frame).toMatchObject({ op: "error", code: "INVALID" });
      realm.ask("watch", ["erik"]);
      await realm.until("a state", () => realm.versions.has("erik"));
    });

    it("closes with 1009 on a frame that is too large", async () => {
      const realm = await openRealm(port);
      realm.send("x".repeat(MAX_FRAME_BYTES + 1));
      await realm.until("the close", () => realm.closed !== undefined);
      expect(realm.closed?.code).toBe(1009);
    });

    it("stays open while Redis is away, and ends on the newest states when it is back", async () => {
      const own = await startTestRedis({ appendOnly: true });
      onTestFinished(() => own.stop());
      const ownServer = await start(own.url);
      onTestFinished(() => ownServer.stop());
      const readyz = () => fetch(`http://127.0.0.1:${ownServer.port}/readyz`);
      const realm = await openRealm(ownServer.port);
      const events = await openEvents(ownServer.port, "fred");
      realm.ask("watch", ["fred", "gina"]);
      await realm.until("both states", () => realm.versions.size === 2);
      expect((await readyz()).status).toBe(200);
      await own.kill();
      await vi.waitFor(async () => expect((await readyz()).status).toBe(503), { timeout: 10_000 });
      await own.start();
      const ownWriter = await openWriter(own.url);
      onTestFinished(() => ownWriter.redis.disconnect());
      await ownWriter.write("fred", 7);
      await realm.until("the newest", () => realm.versions.get("fred") === 7);
      await events.until("the newest", () => events.ids.includes("7"));
      await vi.waitFor(async () => expect(await (await readyz()).json()).toMatchObject({ ready: true, resyncs: 1 }), {
        timeout: 10_000,
      });
      expect(realm.closed).toBeUndefined();
    });

    it("is explained to who comes by plain HTTP", async () => {
      const response = await get("/v1/realm");
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: "INVALID", detail: expect.stringContaining("WebSocket") });
    });
  });

  describe("GET /v1/players/:id/events", () => {
    it("sends the current state and then each change, by its version as the id", async () => {
      await writer.write("hans", 3);
      const events = await openEvents(port, "hans");
      expect(events.status).toBe(200);
      expect(events.headers.get("content-type")).toBe("text/event-stream");
      expect(events.headers.get("x-accel-buffering")).toBe("no");
      await events.until("the first state", () => events.ids.length === 1);
      await writer.write("hans", 4);
      await events.until("the change", () => events.ids.length === 2);
      expect(events.text).toBe(
        "retry: 1000\n\n" +
          'event: state\nid: 3\ndata: {"op":"state","player":"hans","state":"inqueue","version":3,"at":3}\n\n' +
          'event: state\nid: 4\ndata: {"op":"state","player":"hans","state":"inqueue","version":4,"at":4}\n\n',
      );
    });

    it("tells a realm that comes back knowing more than is left what that is, with a newer version", async () => {
      await writer.write("joe", 3);
      await writer.write("jon", 7);
      const realm = await RealmClient.open(port);
      onTestFinished(() => realm.close());
      realm.send('{"op":"watch","players":["joe","jon","jay"],"versions":[5,7,9]}');
      await realm.until("all", () => realm.versions.size === 3);
      expect(realm.versions.get("joe")).toBeGreaterThan(5);
      expect([realm.versions.get("jon"), realm.versions.get("jay")]).toEqual([7, 0]);
      expect(realm.wentBack).toEqual([]);
    });

    it("numbers the state of a player who was never seen too", async () => {
      const events = await openEvents(port, "ida");
      await events.until("the first state", () => events.ids.length === 1);
      expect(events.ids).toEqual(["0"]);
    });

    it("does not repeat what a reader who comes back has seen", async () => {
      await writer.write("jan", 3);
      const [same, older] = await Promise.all([
        openEvents(port, "jan", { "last-event-id": "3" }),
        openEvents(port, "jan", { "last-event-id": "2" }),
      ]);
      const odd = await openEvents(port, "jan", { "last-event-id": "x" });
      await older.until("the first state", () => older.ids.length === 1);
      await odd.until("the first state", () => odd.ids.length === 1);
      await writer.write("jan", 4);
      for (const events of [same, older, odd]) await events.until("the change", () => events.ids.includes("4"));
      expect([same.ids, older.ids, odd.ids]).toEqual([["4"], ["3", "4"], ["3", "4"]]);
    });

    it("tells a reader who comes back knowing more than is left what that is, with a newer version", async () => {
      await writer.write("jim", 3);
      const events = await openEvents(port, "jim", { "last-event-id": "5" });
      await events.until("the state", () => events.ids.length === 1);
      expect(Number(events.ids[0])).toBeGreaterThan(5);
    });

    it("stops following a player whose reader left", async () => {
      const { held: before } = await readyz();
      const events = await openEvents(port, "kurt");
      await events.until("the first state", () => events.ids.length === 1);
      expect((await readyz()).held).toBe(before + 1);
      events.close();
      await vi.waitFor(async () => expect((await readyz()).held).toBe(before), { timeout: 10_000 });
    });

    it.each([
      ["that begins with a dash", "-anna"],
      ["with a space", "a%20b"],
      ["that is too long", "x".repeat(65)],
      ["that is far too long", "x".repeat(1_000)],
    ])("refuses an id %s", async (_, id) => {
      const response = await get(`/v1/players/${id}/events`);
      expect(response.status).toBe(400);
      expect(response.headers.get("content-type")).toContain("application/problem+json");
      expect(await response.json()).toMatchObject({ code: "INVALID", field: "id" });
    });
  });

  it("tells that it is healthy and ready", async () => {
    expect(await (await get("/healthz")).json()).toEqual({ ok: true });
    const response = await get("/readyz");
    expect(response.status).toBe(200);
    expect(response.headers.get("keep-alive")).toBe("timeout=65");
    expect(await response.json()).toMatchObject({
      ready: true,
      role: "playserver",
      name: "playserver-1",
      held: expect.any(Number),
      sockets: expect.any(Number),
      resyncs: 0,
    });
  });

  it.each([
    ["GET", "/v1/players/anna", 404, "ROUTE_NOT_FOUND"],
    ["POST", "/v1/realm", 404, "ROUTE_NOT_FOUND"],
    ["HEAD", "/v1/players/anna/events", 404, undefined],
    ["GET", "/v1/players/%zz/events", 400, "INVALID"],
    ["POST", "/healthz", 404, "ROUTE_NOT_FOUND"],
  ])("answers %s %s with a problem", async (method, path, status, code) => {
    const response = await get(path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toContain("application/problem+json");
    if (code) expect(await response.json()).toMatchObject({ code });
  });

  it("refuses a WebSocket on another route", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/elsewhere`);
    const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    await closed;
    expect(socket.readyState).toBe(WebSocket.CLOSED);
  });

  it("sends everyone elsewhere when it stops", async () => {
    const stopping = await start(server.url);
    const realm = await RealmClient.open(stopping.port);
    const events = await EventReader.open(stopping.port, "lena");
    const deaf = await connectDeafRealm(stopping.port, "lena");
    realm.ask("watch", ["lena"]);
    await realm.until("the first state", () => realm.versions.size === 1);
    await stopping.stop();
    await realm.until("the close", () => realm.closed !== undefined);
    expect(realm.closed).toEqual({ code: 1012, reason: "service restart" });
    await events.until("the end", () => events.ended);
    deaf.destroy();
    await expect(fetch(`http://127.0.0.1:${stopping.port}/healthz`)).rejects.toThrow();
    const list = String(await writer.redis.call("CLIENT", "LIST"));
    expect(list.match(/name=playserver-1:/g)).toHaveLength(4);
  });

  it("takes a path for what it means, however it is written", async () => {
    const own = await start(server.url);
    const events = await fetch(`http://127.0.0.1:${own.port}/%761/players/ann/events`);
    expect(events.status).toBe(200);
    await events.body?.cancel();
    for (const path of ["/%761/realm", "/v%31/play?player=ann"]) {
      const socket = new WebSocket(`ws://127.0.0.1:${own.port}${path}`);
      await once(socket, "open");
      socket.close();
      await once(socket, "close");
    }
    const counts = async () => (await fetch(`http://127.0.0.1:${own.port}/readyz`)).json();
    await vi.waitFor(async () => expect(await counts()).toMatchObject({ sockets: 0, players: 0, streams: 0 }));
    await own.stop();
  });

  it("refuses to start with faulty settings, and names them all", () => {
    const faulty = { MUSTER_PORT: "many", REDIS_URL: "http://redis", MUSTER_PARTITION: "Main" };
    expect(() => playserver.readConfig(faulty)).toThrow(ConfigError);
    for (const name of Object.keys(faulty)) expect(() => playserver.readConfig(faulty)).toThrow(name);
  });
});

describe("the app", { timeout: 60_000 }, () => {
  const newApp = async ({
    allowedOrigins,
    maxConnections = 100,
  }: {
    allowedOrigins?: string;
    maxConnections?: number;
  } = {}) => {
    const current = new Map<string, PlayerState>();
    const feed = {
      hold: () => {},
      release: () => {},
      expect: () => {},
      current: (player: string) => current.get(player),
      ready: async () => true,
      stats: () => ({ held: 0, unheard: 0, unread: 0, resyncs: 0 }),
      close: async () => {},
    };
    const watches = createWatchRegistry(feed);
    const app = await buildApp({
      ...{
        name: "playserver-1",
        access: openToAnyone,
        requireOrigin: createOriginRule(allowedOrigins, false),
        maxConnections,
        metrics: createMetrics("playserver", "playserver-1"),
        feed,
        watches,
        log: silentLogger,
      },
      presence: {
        open: () => ({ hold: () => {}, release: () => {}, end: () => {}, endedBefore: () => {} }),
        ...{ moved: () => {}, letRunOut: () => {}, close: async () => {} },
      },
      readPlayerQueues: async () => [],
      readPlayer: async (id) => ({ id, ...NEVER_SEEN }),
      raiseVersions: async () => [],
      clock: systemClock,
      callApi: async () => ({ status: 404, body: {} }),
    });
    onTestFinished(() => app.close());
    const address = await app.listen({ host: "127.0.0.1", port: 0 });
    const publish = (player: string, version: number) => {
      const state = { ...NEVER_SEEN, version };
      current.set(player, state);
      watches.publish(player, state);
    };
    const readyz = async () => (await app.inject("/readyz")).json();
    return { port: Number(new URL(address).port), publish, readyz };
  };

  /** The answer to an upgrade: its status, and the problem where it is refused. */
  const upgrade = async (port: number, path: string, headers: Record<string, string> = {}) => {
    const socket = new Socket(`ws://127.0.0.1:${port}${path}`, { headers });
    onTestFinished(() => socket.terminate());
    const opened = once(socket, "open").then(() => ({ status: 101, retryAfter: undefined, problem: {} }));
    const refused = once(socket, "unexpected-response").then(async ([, answer]) => {
      const response: IncomingMessage = answer;
      const problem = JSON.parse(Buffer.concat(await response.toArray()).toString());
      return { status: response.statusCode, retryAfter: response.headers["retry-after"], problem };
    });
    return Promise.race([opened, refused]);
  };

  it("refuses sockets of pages from elsewhere where no keys are in use, in words", async () => {
    const { port } = await newApp({ allowedOrigins: "https://game.example" });
    for (const path of ["/v1/realm", "/v1/play?player=ann"]) {
      const foreign = await upgrade(port, path, { origin: "https://evil.example" });
      expect(foreign).toMatchObject({ status: 403, problem: { code: "FORBIDDEN", field: "Origin" } });
      for (const origin of ["https://game.example", `http://127.0.0.1:${port}`, "http://localhost:3000"]) {
        expect((await upgrade(port, path, { origin })).status).toBe(101);
      }
      expect((await upgrade(port, path)).status).toBe(101);
    }
  });

  it("sends away who comes when it holds as many connections as it may", async () => {
    const { port } = await newApp({ maxConnections: 2 });
    const realm = await openRealm(port);
    await openEvents(port, "ann");
    expect(await upgrade(port, "/v1/play?player=ann")).toMatchObject({
      ...{ status: 429, retryAfter: "5", problem: { code: "OVERLOADED" } },
    });
    expect((await fetch(`http://127.0.0.1:${port}/v1/players/ann/events`)).status).toBe(429);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    await realm.close();
    await vi.waitFor(async () => expect((await upgrade(port, "/v1/play?player=ann")).status).toBe(101));
  });

  it("refuses a player's frames once when they are too many, then drops them, then cuts the player off", async () => {
    const { port } = await newApp();
    const player = await PlayClient.open(port, "ann");
    const refusals = () => player.frames.filter((frame) => "code" in frame && frame.code === "TOO_MANY_REQUESTS");
    for (let n = 0; n < FOR_PLAYERS.frames + 50; n += 1) player.send({ op: "none" });
    await player.until("a refusal", () => refusals().length > 0);
    for (let n = 0; n < 5 * FOR_PLAYERS.frames; n += 1) player.send({ op: "none" });
    await player.until("the close", () => player.closed !== undefined);
    expect(player.closed?.code).toBe(1008);
    expect(refusals()).toHaveLength(1);
    expect(player.frames.length).toBeLessThanOrEqual(1 + FOR_PLAYERS.frames + 1);
  });

  it("takes thousands of frames of a realm, one for each of its players", async () => {
    const { port } = await newApp();
    const realm = await openRealm(port);
    for (let n = 0; n < 5_000; n += 1) realm.ask("watch", [`p${n % 10}`]);
    realm.send("?");
    await realm.until("the answer to the last", () => realm.frames.some((frame) => frame.op === "error"));
    expect(realm.frames.filter((frame) => frame.op === "error")).toEqual([
      expect.objectContaining({ op: "error", code: "INVALID" }),
    ]);
  });

  /** Publishes one change after the other, with time for the network to take them, until someone is cut off. */
  const floodUntilCutOff = async (publish: (player: string, version: number) => void) => {
    const warn = vi.spyOn(silentLogger, "warn");
    onTestFinished(() => warn.mockRestore());
    // What the system's own buffers take comes on top of the limit.
    const most = (10 * MAX_BUFFERED_BYTES) / 70;
    for (let version = 1; warn.mock.calls.length === 0; version += 1) {
      if (version > most) throw new Error("nobody was cut off");
      publish("anna", version);
      if (version % 1_000 === 0) await new Promise(setImmediate);
    }
    expect(warn).toHaveBeenCalledExactlyOnceWith(expect.anything(), expect.stringContaining("too slow"));
  };

  it("cuts off a realm that does not read, and not one that does", async () => {
    const { port, publish } = await newApp();
    const deaf = await connectDeafRealm(port, "anna");
    onTestFinished(() => deaf.destroy());
    const reading = await openRealm(port);
    reading.ask("watch", ["anna"]);
    publish("anna", 0);
    await reading.until("the first state", () => reading.versions.size === 1);
    await floodUntilCutOff(publish);
    await deaf.readUntil("\x03\xf5too slow");
    expect(reading.closed).toBeUndefined();
  });

  it("cuts off a reader of events that does not read", async () => {
    const { port, publish, readyz } = await newApp();
    const deaf = await connectDeafReader(port, "anna");
    onTestFinished(() => deaf.destroy());
    await floodUntilCutOff(publish);
    await vi.waitFor(async () => expect(await readyz()).toMatchObject({ streams: 0 }), { timeout: 10_000 });
  });

  it("sends a sign of life to readers of events", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    const { port } = await newApp();
    const events = await openEvents(port, "anna");
    vi.advanceTimersByTime(HEARTBEAT_EVERY_MS);
    await events.until("a comment", () => events.text.includes(": still here\n\n"));
  });
});
