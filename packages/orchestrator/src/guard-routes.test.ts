import { type Access, type Caller, createOriginRule } from "@muster/access";
import { MusterError } from "@muster/core";
import { openTestStore, sampleQueue, type TestStore } from "@muster/store/testing";
import type { FastifyInstance, InjectOptions } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildTestApp } from "./testing/build-test-app.ts";

/** An orchestrator with keys in use: a credential is just the name of who shows it. */
const CALLERS: Record<string, Caller> = {
  eu: { kind: "realm", realm: "eu", key: "k_eu" },
  us: { kind: "realm", realm: "us", key: "k_us" },
  duels: { kind: "realm", realm: "eu", key: "k_duels", queues: ["duel"] },
};
const player = (id: string): Caller => {
  return { kind: "player", player: id, realm: "eu", signer: { id: "s_1", x: "" }, until: Number.POSITIVE_INFINITY };
};
const access: Access = {
  isOn: true,
  callerOf: async (credential = "") => {
    const known = CALLERS[credential] ?? (credential.startsWith("p-") ? player(credential.slice(2)) : undefined);
    if (!known) throw new MusterError("UNAUTHORIZED", "Who are you?");
    return known;
  },
  isGood: () => true,
  queuesOf: (caller) => (caller.kind === "realm" ? caller.queues : undefined),
  limitsOf: (caller) => {
    if (caller.kind === "player") return [{ of: "player", subject: `player:${caller.player}`, perSecond: 10 }];
    if (caller.kind === "anyone") return [];
    const ofRealm = { of: "realm", subject: `realm:${caller.realm}`, perSecond: 20 } as const;
    return [{ of: "key", subject: `key:${caller.key}`, perSecond: 10 }, ...(caller.realm === "eu" ? [ofRealm] : [])];
  },
  close: async () => {},
};

let test: TestStore;
let app: FastifyInstance;
/** Calls that were counted: of whom, and how many. */
let counted: [subject: string, calls: number][];
let waitMs: number;
/** Who has to wait for so long; undefined: all. */
let busy: string | undefined;
beforeAll(async () => {
  test = await openTestStore();
  const queues = ["duel", "team"].map((name) => sampleQueue({ name, teams: { count: 2, size: 2 }, maxPartySize: 2 }));
  app = await buildTestApp({
    store: test.store,
    queues: new Map(queues.map((queue) => [queue.name, queue])),
    access,
    requireOrigin: createOriginRule("https://game.example", true),
    rateLimits: {
      take: async (subject, _, calls) => {
        counted.push([subject, calls]);
        return busy === undefined || subject === busy ? waitMs : 0;
      },
    },
  });
});
afterAll(async () => {
  await app.close();
  await test.stop();
});
beforeEach(async () => {
  counted = [];
  waitMs = 0;
  busy = undefined;
  await test.raw.flushall();
});

const call = async (
  who: string | undefined,
  method: "GET" | "POST" | "PATCH" | "DELETE",
  url: string,
  options: InjectOptions = {},
) => {
  const headers = { ...(who !== undefined && { authorization: `Bearer ${who}` }), ...options.headers };
  const response = await app.inject({ method, url, ...options, headers });
  return { status: response.statusCode, headers: response.headers, body: response.json() };
};
const enqueue = (who: string, queue: string, ids: string[], headers: Record<string, string> = {}) =>
  call(who, "POST", `/v1/queues/${queue}/tickets`, {
    payload: { players: ids.map((id) => ({ id, elo: 1 })) },
    headers,
  });

describe("a call", () => {
  it("shows who makes it, however its path is written", async () => {
    for (const path of ["/v1/queues", "/%761/queues", "/v%31/players/ann"]) {
      expect((await call(undefined, "GET", path)).body.code).toBe("UNAUTHORIZED");
      expect((await call("eu", "GET", path)).status).toBe(200);
    }
    expect((await call(undefined, "GET", "/v1/none")).body.code).toBe("ROUTE_NOT_FOUND");
  });

  it("of a page that may not call changes nothing", async () => {
    const from = (origin: string) => enqueue("eu", "duel", ["ann"], { origin });
    expect((await from("https://evil.example")).body).toMatchObject({ code: "FORBIDDEN", field: "Origin" });
    expect((await from("https://game.example")).status).toBe(201);
  });

  it("is counted once, also when the schema refuses it, and a batch once for each of its tickets", async () => {
    await call("eu", "GET", "/v1/players/ann");
    await call("p-ann", "POST", "/v1/queues/duel/tickets", { payload: { players: "nonsense" } });
    const tickets = ["a", "b", "c"].map((id) => ({ players: [{ id, elo: 1 }] }));
    await call("us", "POST", "/v1/queues/duel/tickets/batch", { payload: { tickets } });
    const tooMany = Array.from({ length: 501 }, () => null);
    await call("us", "POST", "/v1/queues/duel/tickets/batch", { payload: { tickets: tooMany } });
    expect(counted).toEqual([
      ["key:k_eu", 1],
      ["realm:eu", 1],
      ["player:ann", 1],
      ["key:k_us", 3],
      ["key:k_us", 1],
    ]);
  });

  it("that is one too many is told when to come again, and does nothing", async () => {
    waitMs = 1_200;
    const refused = await enqueue("p-ann", "duel", ["ann"]);
    expect(refused).toMatchObject({
      status: 429,
      headers: { "retry-after": "2" },
      body: { code: "TOO_MANY_REQUESTS" },
    });
    waitMs = 0;
    expect((await call("eu", "GET", "/v1/players/ann")).body.state).toBe("idle");
  });
});

describe("two keys of one realm", () => {
  it("are counted together where the realm has a limit, besides each by itself", async () => {
    await call("eu", "GET", "/v1/players/ann");
    await call("duels", "GET", "/v1/players/ann");
    await call("us", "GET", "/v1/players/ann");
    expect(counted.map(([subject]) => subject)).toEqual([
      "key:k_eu",
      "realm:eu",
      "key:k_duels",
      "realm:eu",
      "key:k_us",
    ]);
  });

  it("are both refused when the realm calls too often, and told why", async () => {
    [busy, waitMs] = ["realm:eu", 800];
    for (const who of ["eu", "duels"]) {
      const refused = await call(who, "GET", "/v1/players/ann");
      expect(refused).toMatchObject({ status: 429, headers: { "retry-after": "1" } });
      expect(refused.body.detail).toContain("20 calls a second with all keys of this realm together");
    }
    expect((await call("us", "GET", "/v1/players/ann")).status).toBe(200);
  });
});

describe("a key with a scope", () => {
  it("says of players in its own queues, or in none, whether they are there, and of no others", async () => {
    await enqueue("eu", "duel", ["ann"]);
    await enqueue("eu", "team", ["bob"]);
    for (const what of ["disconnect", "reconnect"]) {
      const of = async (id: string) => (await call("duels", "POST", `/v1/players/${id}/${what}`)).status;
      expect([await of("ann"), await of("nobody"), await of("bob")]).toEqual([200, 200, 403]);
    }
    expect((await call("eu", "POST", "/v1/players/bob/disconnect")).status).toBe(200);
  });

  it("may read any player, whom all realms share", async () => {
    const ticket = (await enqueue("eu", "team", ["bob"])).body.id;
    expect((await call("duels", "GET", "/v1/players/bob")).body).toMatchObject({ state: "inqueue", ticket });
    expect((await call("duels", "GET", `/v1/tickets/${ticket}`)).status).toBe(403);
  });
});

describe("one idempotency key", () => {
  const headers = { "idempotency-key": "1" };

  it("of two realms, or two players, is two keys", async () => {
    const answers = [
      await enqueue("eu", "duel", ["ann"], headers),
      await enqueue("us", "duel", ["bob"], headers),
      await enqueue("p-cat", "duel", ["cat"], headers),
      await enqueue("p-dan", "duel", ["dan"], headers),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(4);
  });

  it("of one realm is one, whichever of its keys it shows", async () => {
    const first = await enqueue("eu", "duel", ["ann"], headers);
    expect((await enqueue("duels", "duel", ["ann"], headers)).body).toEqual(first.body);
  });
});

describe("a party's ticket", () => {
  it("is cancelled by any of its players, who need not wait on, and changed by none of them", async () => {
    const { id } = (await enqueue("eu", "duel", ["ann", "bob"])).body;
    const change = { version: 1, players: ["ann", "bob"].map((each) => ({ id: each, elo: 2 })) };
    expect((await call("p-ann", "PATCH", `/v1/tickets/${id}`, { payload: change })).status).toBe(403);
    expect((await call("p-cat", "DELETE", `/v1/tickets/${id}`)).status).toBe(403);
    expect((await call("p-bob", "DELETE", `/v1/tickets/${id}`)).body).toEqual({ outcome: "cancelled" });
    expect((await call("eu", "GET", "/v1/players/ann")).body.state).toBe("idle");
  });
});
