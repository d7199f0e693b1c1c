import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningSystem, startSystem } from "@muster/cli";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import {
  type Contract,
  examplesFor,
  faultsOfAsyncApi,
  faultsOfExamples,
  faultsOfFrameExamples,
  readContract,
  readReplies,
} from "../support/contract.ts";

/** What /openapi.json and /asyncapi.json promise, held against a running system: each operation, each kind of frame. */
let system: RunningSystem;
let folder: string;
let contract: Contract;

const base = { retryEveryMs: 300, expireAfterMs: 60_000, matchLengthMs: 60_000, maxWaiting: 100, maxPartySize: 1 };
const duel = { ...base, teams: { count: 2, size: 1 }, steps: [{ fromTry: 0 }] };
const QUEUES = {
  queues: {
    duel,
    rated: { ...duel, ratings: { system: "elo" } },
    checked: { ...duel, readyCheck: { withinMs: 20_000 } },
    lobby: { ...base, teams: { count: 1, size: 4, minSize: 2 }, steps: [{ fromTry: 0 }], backfill: true },
  },
  instant: {
    ...{ expireAfterMs: 60_000, matchLengthMs: 60_000, maxWaiting: 100 },
    fields: { style: { type: "choice", values: ["casual", "hard"] } },
  },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-contract-"));
  const queues = join(folder, "queues.json");
  await writeFile(queues, JSON.stringify(QUEUES));
  system = await startSystem({ queues });
  contract = readContract((await (await fetch(`${system.url}/openapi.json`)).json()) as never);
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A call whose answer must be as described, whatever it is. */
const call = async (method: string, path: string, body?: unknown) => {
  const response = await fetch(system.url + path, {
    method,
    signal: AbortSignal.timeout(10_000),
    ...(body !== undefined && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  const answer = JSON.parse(await response.text());
  const type = response.headers.get("content-type") ?? "";
  expect(contract.faultOf(method, path, { status: response.status, type, body: answer })).toBeUndefined();
  return { status: response.status, body: answer };
};
const enqueue = async (queue: string, id: string, elo?: number) =>
  (await call("POST", `/v1/queues/${queue}/tickets`, { players: [{ id, ...(elo !== undefined && { elo }) }] })).body;
const matchOf = async (player: string): Promise<string> => {
  let match: string | undefined;
  await expect
    .poll(async () => (match = (await call("GET", `/v1/players/${player}`)).body.match), { timeout: 10_000 })
    .toBeTypeOf("string");
  return match ?? "";
};

describe("the HTTP API answers as /openapi.json says", { timeout: 60_000 }, () => {
  it("to what a ticket can live through", async () => {
    await call("GET", "/v1/queues");
    await call("GET", "/v1/queues/lobby");
    await call("GET", "/v1/queues/none");
    const { id } = await enqueue("lobby", "ann", 1_000);
    await call("GET", `/v1/tickets/${id}`);
    await call("GET", `/v1/tickets/${id}/explain`);
    await call("PATCH", `/v1/tickets/${id}`, { version: 1, attributes: { map: "bay" } });
    await call("PATCH", `/v1/tickets/${id}`, { version: 1, attributes: { map: "sea" } });
    await call("POST", "/v1/players/ann/disconnect");
    await call("POST", "/v1/players/ann/reconnect");
    await enqueue("duel", "ann", 1_000);
    await call("DELETE", `/v1/tickets/${id}`);
    for (const method of ["GET", "DELETE"]) await call(method, "/v1/tickets/t_none");
    await call("POST", "/v1/queues/duel/tickets", { players: [] });
    await call("POST", "/v1/queues/duel/tickets", {
      players: [
        { id: "a", elo: 1 },
        { id: "b", elo: 1 },
      ],
    });
    await call("POST", "/v1/queues/duel/tickets/batch", { tickets: [{ players: [{ id: "?", elo: 1 }] }] });
    await call("POST", "/v1/queues/duel/tickets/batch", {});
  });

  it("to what a match can live through", async () => {
    await Promise.all(["cy", "di"].map((player) => enqueue("checked", player, 1_000)));
    const checked = await matchOf("cy");
    await call("POST", `/v1/matches/${checked}/accept`, { player: "cy" });
    await call("POST", `/v1/matches/${checked}/accept`, { player: "nobody" });
    await call("POST", `/v1/matches/${checked}/decline`, { player: "di" });

    await Promise.all(["ed", "flo"].map((player) => enqueue("lobby", player, 1_000)));
    const lobby = await matchOf("ed");
    await call("GET", `/v1/matches/${lobby}`);
    await call("POST", `/v1/matches/${lobby}/join`, { player: "ed" });
    await call("POST", `/v1/matches/${lobby}/spectate`, { player: "gus" });
    await call("DELETE", `/v1/matches/${lobby}/backfill`);
    await call("POST", `/v1/matches/${lobby}/backfill`, { places: { 1: 1 } });
    await call("POST", `/v1/matches/${lobby}/leave`, { player: "flo" });
    await call("POST", `/v1/matches/${lobby}/end`, {});
    await call("GET", "/v1/matches/m_none");

    await Promise.all(["hal", "ida"].map((player) => enqueue("rated", player)));
    await call("POST", `/v1/matches/${await matchOf("hal")}/end`, { scores: { hal: 2, ida: 1 } });
    await call("GET", "/v1/players/hal/ratings");
  });

  it("to who follows a player's events", async () => {
    const stop = new AbortController();
    const path = "/v1/players/ann/events";
    const response = await fetch(system.url + path, { signal: stop.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const { value = "" } = (await reader?.read()) ?? {};
    stop.abort();
    const type = response.headers.get("content-type") ?? "";
    expect(contract.faultOf("GET", path, { status: response.status, type, body: value })).toBeUndefined();
    expect(value).toMatch(/^retry: 1000\n\n/);
    await call("GET", "/v1/players/a%20b/events");
  });

  it("which has an example of every body and of every answer, and no example that is wrong", async () => {
    const document = await (await fetch(`${system.url}/openapi.json`)).json();
    expect(faultsOfExamples(document as never)).toEqual([]);
  });

  it("and each operation was seen to succeed", () => {
    const notSeen = contract.all.filter((operation) => !contract.seen.has(operation));
    expect(notSeen).toEqual([]);
    expect(contract.all.length).toBeGreaterThan(15);
  });
});

describe("the WebSockets speak as /asyncapi.json says", { timeout: 60_000 }, () => {
  /** Sends frames, each when the one before was answered, and holds all that comes against the document. */
  const converse = async (address: string, path: string, talks: { frames: unknown[]; until: string[] }[]) => {
    const document = await (await fetch(`${system.url}/asyncapi.json`)).json();
    expect(faultsOfAsyncApi(document)).toBe("");
    const replies = readReplies(document as never, address);
    const faults: string[] = [];
    const sockets = talks.map(({ frames }, index) => {
      const socket = new WebSocket(`${system.url.replace("http", "ws")}${path.replace("INDEX", String(index))}`);
      socket.on("open", () => frames.forEach((frame) => void socket.send(JSON.stringify(frame))));
      socket.on("message", (data) => {
        const fault = replies.faultOf(JSON.parse(String(data)));
        if (fault) faults.push(fault);
      });
      return socket;
    });
    const wanted = talks.flatMap(({ until }) => until);
    await expect.poll(() => wanted.filter((message) => !replies.seen.has(message)), { timeout: 10_000 }).toEqual([]);
    for (const socket of sockets) socket.close();
    expect(faults).toEqual([]);
    expect(new Set(wanted)).toEqual(new Set(replies.sent));
  };

  it("and each of its examples is understood by the server", async () => {
    const document = await (await fetch(`${system.url}/asyncapi.json`)).json();
    expect(faultsOfFrameExamples(document as never)).toEqual([]);
    const talk = async (address: string, path: string, names: Record<string, string> = {}) => {
      const socket = new WebSocket(`${system.url.replace("http", "ws")}${path}`);
      const replies: { op?: string; event?: string; code?: string; data?: { code?: string } }[] = [];
      socket.on("message", (data) => replies.push(JSON.parse(String(data))));
      // A player is told who it is first, and is then taken at its word.
      await once(socket, address === "/v1/play" ? "message" : "open");
      const examples = examplesFor(document as never, address).map((example) => JSON.stringify(example));
      for (const example of examples) socket.send(example.replace(/"(ann|t_\w+)"/g, (name) => names[name] ?? name));
      // The server answers a ping after what was sent before it, but a call of the API takes its time.
      socket.ping();
      await once(socket, "pong");
      const answers = () => replies.filter(({ op }) => op === "answer" || op === "pong").length;
      if (address === "/v1/play") await expect.poll(answers, { timeout: 10_000 }).toBe(examples.length);
      socket.close();
      await once(socket, "close");
      expect(examples.length).toBeGreaterThan(3);
      expect(replies.filter(({ code, data }) => (data?.code ?? code) === "INVALID")).toEqual([]);
    };
    await talk("/v1/realm", "/v1/realm");
    const { id } = await enqueue("duel", "ex-ann", 9_500);
    await talk("/v1/play", "/v1/play?player=ex-ann", { '"ann"': '"ex-ann"', '"t_2fa4480b2e9637c6f2fb"': `"${id}"` });
    await talk("/v1/instant", "/v1/instant");
  });

  it("to realms", () =>
    converse("/v1/realm", "/v1/realm", [
      {
        frames: [{ op: "watch", players: ["ann"] }, { op: "none" }, { op: "ping" }],
        until: ["state", "error", "pong"],
      },
    ]));

  it("to players", () =>
    converse("/v1/play", "/v1/play?player=socket-INDEX", [
      {
        frames: [
          { op: "queue", id: "1", queue: "duel", ticket: { players: [{ id: "socket-0", elo: 9_000 }] } },
          { op: "none" },
          { op: "ping" },
        ],
        until: ["hello", "state", "answer", "error", "pong"],
      },
    ]));

  it("to users of instant matching", () => {
    const profile = { user_data: { style: "casual" }, user_preferences: {} };
    const request = (user_id: string) => ({ event: "REQUEST_INSTANT_MATCH", data: { user_id, ...profile } });
    return converse("/v1/instant", "/v1/instant", [
      { frames: [request("una")], until: ["waitlist", "status"] },
      {
        frames: [request("val"), { event: "INSTANT_MATCH", data: { alias: "nobody" } }, { event: "?" }],
        until: ["error"],
      },
    ]);
  });
});
