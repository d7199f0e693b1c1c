import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { MusterError, toProblem } from "@muster/core";
import { afterEach, describe, expect, it } from "vitest";
import { MusterApiError, MusterConnectionError, MusterCredentialError } from "./errors.ts";
import { RealmClient } from "./realm-client.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  let text = "";
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
};

const noJitter = { next: () => 0 };
const ann = { players: [{ id: "ann", elo: 1200 }] };

describe("a call", () => {
  it("repeats an enqueue with the same idempotency key after a 503, and waits as long as it is told", async () => {
    const keys: (string | undefined)[] = [];
    const times: number[] = [];
    const url = await serve(async (request, response) => {
      keys.push(request.headers["idempotency-key"]?.toString());
      times.push(performance.now());
      expect(await bodyOf(request)).toEqual(ann);
      if (keys.length === 1) {
        const problem = toProblem(new MusterError("STORE_UNAVAILABLE", "Redis is away", { retryAfterS: 1 }));
        response.writeHead(503, { "retry-after": "1" }).end(JSON.stringify(problem));
      } else {
        response.writeHead(201).end(JSON.stringify({ id: "t1" }));
      }
    });
    const ticket = await new RealmClient({ url, random: noJitter }).enqueue("duel", ann);
    expect(ticket.id).toBe("t1");
    expect(keys).toHaveLength(2);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[1]).toBe(keys[0]);
    expect(Number(times[1]) - Number(times[0])).toBeGreaterThanOrEqual(990);
  });

  it("changes a ticket, and shows the ticket as it is when the version was another", async () => {
    const ticket = { ...ann, id: "t1", queue: "duel", status: "queued", version: 3, tries: 0 } as const;
    const current = { ...ticket, players: [...ann.players], createdAt: 1, expiresAt: 2 };
    const url = await serve(async (request, response) => {
      expect([request.method, request.url]).toEqual(["PATCH", "/v1/tickets/t1"]);
      const { version } = (await bodyOf(request)) as { version: number };
      if (version === 3) return void response.writeHead(200).end(JSON.stringify({ ...current, version: 4 }));
      const problem = toProblem(new MusterError("VERSION_CONFLICT", "It has version 3", { ticket: current }));
      response.writeHead(409).end(JSON.stringify(problem));
    });
    const realm = new RealmClient({ url, random: noJitter });
    expect((await realm.change("t1", { version: 3, players: ann.players })).version).toBe(4);
    const refused = await realm.change("t1", { version: 2 }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(MusterApiError);
    expect(refused).toMatchObject({ code: "VERSION_CONFLICT", problem: { ticket: current } });
  });

  it("repeats after a connection that broke", async () => {
    let calls = 0;
    const url = await serve((request, response) => {
      calls += 1;
      if (calls === 1) request.socket.destroy();
      else response.end(JSON.stringify({ id: "ann", state: "idle", version: 0 }));
    });
    expect(await new RealmClient({ url, random: noJitter }).getPlayer("ann")).toMatchObject({ state: "idle" });
    expect(calls).toBe(2);
  });

  it("gives up after its attempts with the last answer", async () => {
    let calls = 0;
    const url = await serve((_request, response) => {
      calls += 1;
      response.writeHead(502).end("<html>bad gateway</html>");
    });
    const error = await new RealmClient({ url, attempts: 2, random: noJitter }).getMatch("m1").catch((e) => e);
    expect(error).toBeInstanceOf(MusterApiError);
    expect(error).toMatchObject({ status: 502, problem: undefined });
    expect(calls).toBe(2);
  });

  it("does not repeat what can't succeed, and hands over the problem", async () => {
    let calls = 0;
    const problem = toProblem(
      new MusterError("PLAYER_BUSY", "ann is already in a ticket", { busy: [{ id: "ann", state: "inqueue" }] }),
    );
    const url = await serve((_request, response) => {
      calls += 1;
      response.writeHead(409).end(JSON.stringify(problem));
    });
    const error = await new RealmClient({ url }).enqueue("duel", ann).catch((e) => e);
    expect(error).toBeInstanceOf(MusterApiError);
    expect(error).toMatchObject({ status: 409, code: "PLAYER_BUSY", problem, message: "ann is already in a ticket" });
    expect(calls).toBe(1);
  });

  it("does not wait for a server that asks for more time than the call has", async () => {
    const url = await serve((_request, response) => void response.writeHead(429, { "retry-after": "60" }).end());
    const error = await new RealmClient({ url, timeoutMs: 2_000 }).getTicket("t1").catch((e) => e);
    expect(error).toMatchObject({ status: 429, retryAfterMs: 60_000 });
  });

  it("ends at its time limit when no answer comes", async () => {
    const url = await serve(() => {});
    const error = await new RealmClient({ url, timeoutMs: 50 }).getTicket("t1").catch((e) => e);
    expect(error).toBeInstanceOf(MusterConnectionError);
    expect(error).toMatchObject({ reason: "timeout" });
  });

  it("says where nobody listens", async () => {
    const url = "http://127.0.0.1:1";
    const error = await new RealmClient({ url, attempts: 1 }).queues().catch((e) => e);
    expect(error).toMatchObject({ name: "MusterConnectionError", reason: "unreachable" });
    expect(error.message).toContain(url);
  });

  it("ends with the reason of its signal", async () => {
    const url = await serve(() => {});
    const stop = new AbortController();
    const call = new RealmClient({ url }).getTicket("t1", { signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(call).rejects.toThrow("enough");
  });

  it("waits for a credential no longer than for an answer", async () => {
    let calls = 0;
    const url = await serve(() => {
      calls += 1;
    });
    const apiKey = () => new Promise<string>(() => {});
    const late = await new RealmClient({ url, apiKey, timeoutMs: 50 }).getTicket("t1").catch((e) => e);
    expect(late).toMatchObject({ name: "MusterConnectionError", reason: "timeout" });
    const stop = new AbortController();
    const stopped = new RealmClient({ url, apiKey }).getTicket("t1", { signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(stopped).rejects.toThrow("enough");
    expect(calls).toBe(0);
  });

  it("says when no credential could be had, and why", async () => {
    const why = new Error("the vault is shut");
    const apiKey = () => Promise.reject(why);
    const error = await new RealmClient({ url: "http://127.0.0.1:1", apiKey }).getTicket("t1").catch((e) => e);
    expect(error).toBeInstanceOf(MusterCredentialError);
    expect(error).toMatchObject({ message: "No credential could be had: the vault is shut", cause: why });
  });

  it("tells how a match went by scores, places, both or not at all", async () => {
    const bodies: unknown[] = [];
    const url = await serve(async (request, response) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      bodies.push(JSON.parse(text));
      response.end("{}");
    });
    const client = new RealmClient({ url });
    const [scores, places] = [{ ann: 1 }, { red: 1, blue: 2 }];
    await client.endMatch("m");
    await client.endMatch("m", scores);
    await client.endMatch("m", undefined, { places, timeoutMs: 5_000 });
    await client.endMatch("m", scores, { places });
    expect(bodies).toEqual([{}, { scores }, { places }, { scores, places }]);
  });

  it("goes to the API's paths with encoded ids", async () => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end(JSON.stringify({ results: [], queues: [] }));
    });
    const client = new RealmClient({ url: `${url}/muster/` });
    await client.enqueueBatch("duel", [ann]);
    await client.getTicket("a|b");
    await client.cancelTicket("t1");
    await client.getPlayer("p");
    await client.getMatch("m");
    await client.endMatch("m", { ann: 1 });
    await client.queues();
    await client.queue("duel");
    expect(asked).toEqual([
      "POST /muster/v1/queues/duel/tickets/batch",
      "GET /muster/v1/tickets/a%7Cb",
      "DELETE /muster/v1/tickets/t1",
      "GET /muster/v1/players/p",
      "GET /muster/v1/matches/m",
      "POST /muster/v1/matches/m/end",
      "GET /muster/v1/queues",
      "GET /muster/v1/queues/duel",
    ]);
  });
});
