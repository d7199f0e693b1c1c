import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ERRORS, type Problem } from "@muster/core";
import { systemClock, systemRandom } from "@muster/core/service";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { awaitReady } from "./await-ready.ts";
import { FakeUpstream } from "./fake-upstream.ts";
import { findNginx, nginxArgs, writeNginxFiles } from "./nginx.ts";
import type { Part } from "./part.ts";
import { findPorts } from "./ports.ts";
import { probeHttp } from "./probe.ts";
import { processPart } from "./process-part.ts";

const STRANGER = "127.0.0.77";

// Real processes, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

describe("nginx.conf", () => {
  const folder = mkdtempSync(join(tmpdir(), "muster-nginx-"));
  let url: string;
  let nginx: Part;
  let orchestrators: [FakeUpstream, FakeUpstream];
  let playserver: FakeUpstream;
  /** Gone, but in the test that starts it. */
  let spare: FakeUpstream;
  let monitor: FakeUpstream;
  const upstreams = () => [...orchestrators, playserver, monitor];

  beforeAll(async () => {
    const port = await findPorts(6, systemRandom);
    orchestrators = [new FakeUpstream("orchestrator-1", port + 1), new FakeUpstream("orchestrator-2", port + 2)];
    playserver = new FakeUpstream("playserver-1", port + 3);
    monitor = new FakeUpstream("monitor-1", port + 4);
    spare = new FakeUpstream("playserver-2", port + 5);
    url = `http://127.0.0.1:${port}`;
    const prefix = join(folder, "nginx");
    await writeNginxFiles(prefix, {
      host: "127.0.0.1",
      port,
      orchestrators: orchestrators.map((each) => each.port),
      playservers: [playserver.port, spare.port],
      monitors: [monitor.port],
    });
    // All of this machine's addresses are its own; here one of them is a stranger's.
    const conf = join(prefix, "nginx.conf");
    const text = readFileSync(conf, "utf8");
    writeFileSync(conf, text.replace("127.0.0.0/8 1;", `127.0.0.0/8 1; ${STRANGER}/32 0;`));
    const probe = () => probeHttp(`${url}/healthz`);
    nginx = processPart(
      { role: "nginx", name: "nginx", port, probe },
      {
        command: findNginx(process.env),
        args: nginxArgs(prefix),
        env: {},
        logFile: join(folder, "logs", "nginx.log"),
        stopSignal: "SIGQUIT",
      },
      { clock: systemClock, random: systemRandom, onPid: () => {}, onDeath: () => {} },
    );
    for (const upstream of upstreams()) await upstream.start();
    await nginx.start();
    await awaitReady([nginx], { withinMs: 10_000, clock: systemClock, signal: new AbortController().signal });
  });

  afterAll(async () => {
    await nginx.stop(5_000);
    for (const upstream of [...upstreams(), spare]) await upstream.stop();
    rmSync(folder, { recursive: true });
  });

  afterEach(async () => {
    await spare.stop();
    for (const upstream of upstreams()) {
      await upstream.stop();
      upstream.answer = (_, response) => response.end(upstream.name);
      upstream.seen = [];
      await upstream.start();
    }
    // A server that failed often is left alone for a second; the next test needs it.
    for (const upstream of orchestrators) {
      const isFound = async () => expect(await (await fetch(`${url}/v1/found`)).text()).toBe(upstream.name);
      await vi.waitFor(isFound, { interval: 20, timeout: 5_000 });
    }
    for (const upstream of upstreams()) upstream.seen = [];
  });

  const post = (path: string, headers: Record<string, string> = {}, body: string | Buffer = "{}") =>
    fetch(`${url}${path}`, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
  const enqueue = "/v1/queues/duel/tickets";
  const seen = () => orchestrators.flatMap((each) => each.seen);
  const keysSeen = () => seen().map(({ headers }) => headers["idempotency-key"]);

  it("leads each route to the role that serves it", async () => {
    const roleOf = async (path: string) => (await (await fetch(`${url}${path}`)).text()).replace(/-\d$/, "");
    for (const path of [
      "/v1/queues",
      "/v1/players/p1",
      "/docs",
      "/docs/static/a.js",
      "/openapi.json",
      "/asyncapi.json",
      "/readyz",
    ]) {
      expect([path, await roleOf(path)]).toEqual([path, "orchestrator"]);
    }
    for (const path of ["/v1/realm", "/v1/play?player=p1", "/v1/instant", "/v1/players/p%401/events"]) {
      expect([path, await roleOf(path)]).toEqual([path, "playserver"]);
    }
    for (const path of ["/", "/anything"]) expect([path, await roleOf(path)]).toEqual([path, "monitor"]);
  });

  it("keeps connections to services, and tells them who called", async () => {
    await fetch(`${url}/v1/queues`);
    const headers = seen()[0]?.headers ?? {};
    expect(headers).toMatchObject({ "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http" });
    expect(headers.host).toBe(url.slice("http://".length));
    expect(headers.connection).not.toBe("close");
    expect(headers).not.toHaveProperty("idempotency-key");
  });

  it("gives an enqueue a key of idempotency, unless the caller has one", async () => {
    await post(enqueue);
    expect(keysSeen()).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    await post(`${enqueue}/batch`, { "idempotency-key": "mine" });
    await post("/v1/matches/m1/end");
    expect(keysSeen().toSorted().slice(1)).toEqual(["mine", undefined]);
  });

  it("sends an enqueue again, with the same key, when an orchestrator dies on it", async () => {
    let attempts = 0;
    for (const each of orchestrators) {
      each.answer = (request, response) => (++attempts === 1 ? request.socket.destroy() : response.end("accepted"));
    }
    expect(await (await post(enqueue)).text()).toBe("accepted");
    expect(orchestrators.map((each) => each.seen.length)).toEqual([1, 1]);
    expect(new Set(keysSeen()).size).toBe(1);
  });

  it("sends every other call of the API again too, once: what is said twice is answered as the first time", async () => {
    for (const each of orchestrators) each.answer = (request) => request.socket.destroy();
    const response = await post("/v1/matches/m1/end");
    expect(response.status).toBe(503);
    expect(orchestrators.map((each) => each.seen.length)).toEqual([1, 1]);
  });

  it("does not send a call of the monitor again that may have been carried out", async () => {
    monitor.answer = (request) => request.socket.destroy();
    expect((await post("/monitor/tester/spawn")).status).toBe(503);
    expect(monitor.seen).toHaveLength(1);
  });

  it("goes to the other orchestrator while one is gone, and comes back", async () => {
    const [first, second] = orchestrators;
    await first.stop();
    for (let count = 0; count < 10; count++) {
      expect(await (await post("/v1/matches/m1/end")).text()).toBe("orchestrator-2");
    }
    await first.start();
    await second.stop();
    const answer = async () => (await post("/v1/matches/m1/end")).text();
    await expect.poll(answer, { interval: 20, timeout: 5_000 }).toBe("orchestrator-1");
  });

  const problemOf = async (response: Response) => {
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    const problem = (await response.json()) as Problem;
    expect(problem).toMatchObject({ status: response.status, type: `urn:muster:error:${problem.code}` });
    expect(problem.status).toBe(ERRORS[problem.code].status);
    return problem;
  };

  it("answers for services that are all gone, in the API's form", async () => {
    for (const each of orchestrators) await each.stop();
    const response = await post(enqueue);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await problemOf(response)).toMatchObject({ code: "STORE_UNAVAILABLE", retryAfterS: 1 });
  });

  it("passes on an error that a service answers", async () => {
    for (const each of orchestrators) {
      each.answer = (_, response) => response.writeHead(503, { "retry-after": "2" }).end("its own words");
    }
    const response = await post(enqueue);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "2"]);
    expect(await response.text()).toBe("its own words");
    expect(seen()).toHaveLength(1);
  });

  it("refuses a body of more than 256 KiB, and takes one of just that", async () => {
    const response = await post(enqueue, {}, Buffer.alloc(256 * 1024 + 1));
    expect(await problemOf(response)).toMatchObject({ code: "BODY_TOO_LARGE" });
    expect((await post(enqueue, {}, Buffer.alloc(256 * 1024))).status).toBe(200);
  });

  it("refuses what is no request in the API's form too", async () => {
    const answer = await new Promise<string>((resolve) => {
      const { port, hostname } = new URL(url);
      const socket = connect(Number(port), hostname, () => socket.write("GET /v1/queues HTTP/1.1\r\n\r\n"));
      socket.on("data", (data) => resolve(data.toString()));
    });
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('"code":"INVALID"');
  });

  /** All that nginx sends until it ends the connection, to bytes that come all at once. */
  const exchange = (...bytes: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const { port, hostname } = new URL(url);
      const socket = connect(Number(port), hostname, () => {
        for (const each of bytes) socket.write(each);
      });
      let heard = "";
      socket.on("data", (data) => {
        heard += data;
      });
      socket.on("error", reject);
      socket.on("close", () => resolve(heard));
    });

  it.each([
    ["one header that is too large", `X-Large: ${"x".repeat(40_000)}\r\n`],
    ["many headers that are too large together", `X-Large: ${"x".repeat(5_000)}\r\n`.repeat(5)],
    ["an encoding that nobody knows", "Transfer-Encoding: brotli\r\n"],
  ])("refuses %s in the API's form", async (_, header) => {
    const answer = await exchange(`GET /v1/queues HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header}\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 400 .*application\/problem\+json.*"code":"INVALID"/s);
    expect(seen()).toEqual([]);
  });

  it("lets a token of 4 KiB through", async () => {
    const response = await fetch(`${url}/v1/queues`, { headers: { authorization: `Bearer ${"x".repeat(4_096)}` } });
    expect(response.status).toBe(200);
  });

  it("refuses methods that it doesn't know in the API's form", async () => {
    const answer = await exchange("TRACE /v1/queues HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1.1 400 .*"code":"INVALID"/s);
  });

  it("cuts off who is slow to say what it wants", async () => {
    const head = "POST /v1/queues/duel/tickets HTTP/1.1\r\nHost: x\r\n";
    const slow = [head, `${head}Content-Length: 10\r\n\r\n{`, ""];
    await Promise.all(slow.map((begun) => exchange(begun).catch(() => {})));
    expect(seen()).toEqual([]);
  });

  it("tells services the name that a caller gave its call, if it is one, or its own", async () => {
    for (const name of ["trace-1.a", "two words"])
      await fetch(`${url}/v1/queues`, { headers: { "x-request-id": name } });
    expect(seen().map(({ headers }) => headers["x-request-id"])).toEqual([
      "trace-1.a",
      expect.stringMatching(/^[0-9a-f]{32}$/),
    ]);
  });

  it("holds at most 1,000 calls and sockets open for one address", async () => {
    const { port } = new URL(url);
    const upgrade =
      "GET /v1/realm HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n";
    const open = async () => {
      const socket = connect({ host: "127.0.0.1", port: Number(port), localAddress: STRANGER });
      await once(socket, "connect");
      socket.write(upgrade);
      const [data] = await once(socket, "data");
      expect(String(data)).toMatch(/^HTTP\/1.1 101 /);
      return socket;
    };
    const sockets: Socket[] = [];
    // Not all at once: more than may wait to be accepted would be taken for a playserver that is gone.
    while (sockets.length < 1_000) sockets.push(...(await Promise.all(Array.from({ length: 50 }, open))));
    const answerOf = async (localAddress: string) => {
      const asked = request(`${url}/v1/queues`, { localAddress, agent: false }).end();
      const [response] = await once(asked, "response");
      const body: Buffer[] = await response.toArray();
      return { status: response.statusCode, headers: response.headers, text: Buffer.concat(body).toString() };
    };
    const refused = await answerOf(STRANGER);
    expect(refused).toMatchObject({
      status: 429,
      headers: { "content-type": "application/problem+json", "retry-after": "5" },
    });
    expect(JSON.parse(refused.text)).toMatchObject({ code: "TOO_MANY_REQUESTS", retryAfterS: 5 });
    expect((await answerOf("127.0.0.1")).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    await expect.poll(async () => (await answerOf(STRANGER)).status, { timeout: 5_000 }).toBe(200);
  });

  it("lets a WebSocket through to a playserver, and an upgrade nowhere else", async () => {
    const upgrade = (path: string, protocol: string) =>
      request(`${url}${path}`, { headers: { connection: "upgrade", upgrade: protocol } });
    for (const path of ["/v1/realm", "/v1/play?player=p1", "/v1/instant"]) {
      const answer = await new Promise<string>((resolve, reject) => {
        upgrade(path, "websocket")
          .on("upgrade", (_, socket) => {
            socket.write("hello");
            socket.once("data", (data: Buffer) => {
              socket.destroy();
              resolve(data.toString());
            });
          })
          .on("error", reject)
          .end();
      });
      expect([path, answer]).toEqual([path, "playserver-1 heard hello"]);
    }

    for (const [path, protocol] of [
      ["/v1/queues", "websocket"],
      ["/v1/realm", "h2c"],
    ] as const) {
      const status = await new Promise((resolve, reject) => {
        upgrade(path, protocol)
          .on("response", (response) => resolve(response.resume().statusCode))
          .on("error", reject)
          .end();
      });
      expect([path, protocol, status]).toEqual([path, protocol, 200]);
    }
  });

  it("lets all sockets through to a playserver that is back, at once, when the other goes", async () => {
    const open = () =>
      new Promise<number | undefined>((resolve, reject) => {
        request(`${url}/v1/realm`, { headers: { connection: "upgrade", upgrade: "websocket" } })
          .on("upgrade", ({ statusCode }, socket) => {
            socket.on("error", () => {});
            resolve(statusCode);
          })
          .on("response", (response) => resolve(response.resume().statusCode))
          .on("error", reject)
          .end();
      });
    const openAll = () => Promise.all(Array.from({ length: 10 }, open));
    const opened = Array.from({ length: 10 }, () => 101);
    // The spare one is tried first, since it has no sockets, and refuses. That is not held against it later.
    expect(await openAll()).toEqual(opened);
    await spare.start();
    await playserver.stop();
    expect(await openAll()).toEqual(opened);
    expect(spare.seen).toHaveLength(10);
  });

  it("hands each server-sent event on at once", async () => {
    const events = Promise.withResolvers<ServerResponse>();
    playserver.answer = (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
      events.resolve(response);
    };
    const response = await fetch(`${url}/v1/players/p1/events`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe("data: 1\n\n");
    (await events.promise).write("data: 2\n\n");
    expect((await reader?.read())?.value).toBe("data: 2\n\n");
    await reader?.cancel();
  });

  it("hides its version and tells browsers to be careful", async () => {
    monitor.answer = (_, response) => response.setHeader("x-content-type-options", "nosniff").end();
    const { headers } = await fetch(`${url}/`);
    expect(headers.get("server")).toBe("nginx");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
  });

  it("logs failures of ours, and no line for each request", async () => {
    for (const each of orchestrators) await each.stop();
    await post("/v1/matches/m1/end");
    const log = () =>
      readFileSync(join(folder, "logs", "nginx-access.log"), "utf8")
        .trim()
        .split("\n");
    await expect.poll(() => log().at(-1)).toContain('"uri":"/v1/matches/m1/end","status":503');
    for (const line of log()) expect(() => JSON.parse(line)).not.toThrow();
  });
});
