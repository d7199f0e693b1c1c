import { MusterError, type Ticket } from "@muster/core";
import { openTestStore, sampleQueue, type TestStore } from "@muster/store/testing";
import type { FastifyInstance, InjectOptions } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildTestApp } from "../testing/build-test-app.ts";

const duel = sampleQueue();
const pairs = sampleQueue({ name: "pairs", teams: { count: 2, size: 2 }, maxPartySize: 2 });
const tiny = sampleQueue({ name: "tiny", maxWaiting: 2 });
const hunt = sampleQueue({
  name: "hunt",
  teams: [
    { name: "hunter", size: 1, roles: { tracker: 1 } },
    { name: "prey", size: 2, roles: { runner: 2 } },
  ],
  maxPartySize: 2,
});
const queues = new Map([duel, pairs, tiny, hunt].map((queue) => [queue.name, queue]));

let test: TestStore;
/** Two orchestrators on the same Redis. */
let app: FastifyInstance;
let other: FastifyInstance;
const searched: string[] = [];
let isOverloaded = false;

beforeAll(async () => {
  test = await openTestStore();
  const searches = { add: (_: unknown, { packed }: { packed: string }) => void searched.push(packed) };
  const refusal = () => (isOverloaded ? new MusterError("OVERLOADED", "Too many.", { retryAfterS: 3 }) : undefined);
  const build = (name: string) => buildTestApp({ name, store: test.store, queues, searches, admission: { refusal } });
  [app, other] = await Promise.all([build("a"), build("b")]);
});
afterAll(async () => {
  await Promise.all([app.close(), other.close()]);
  await test.stop();
});
beforeEach(async () => {
  searched.length = 0;
  isOverloaded = false;
  await test.raw.flushall();
});

const call = async (
  method: "GET" | "POST" | "PATCH" | "DELETE",
  url: string,
  options: InjectOptions = {},
  at = app,
) => {
  const response = await at.inject({ method, url, ...options });
  return { status: response.statusCode, headers: response.headers, body: response.json() };
};
const enqueue = (id: string, queue = "duel", at = app) =>
  call("POST", `/v1/queues/${queue}/tickets`, { payload: { players: [{ id, elo: 1_000 }] } }, at);

describe("enqueue", () => {
  it("answers with the ticket, where to find it, and has it searched for", async () => {
    const { status, headers, body } = await enqueue("ann");
    expect(status).toBe(201);
    expect(headers.location).toBe(`/v1/tickets/${body.id}`);
    expect(body).toMatchObject({ queue: "duel", status: "queued", version: 1, tries: 0, players: [{ id: "ann" }] });
    expect((await call("GET", `/v1/tickets/${body.id}`)).body).toEqual(body);
    expect(searched).toHaveLength(1);
  });

  it("names each busy player and where it is", async () => {
    const ticket = (await enqueue("ann")).body.id;
    await enqueue("bob");
    const players = ["ann", "cat", "bob"].map((id) => ({ id, elo: 1 })).slice(0, 2);
    const { status, headers, body } = await call("POST", "/v1/queues/pairs/tickets", { payload: { players } }, other);
    expect(status).toBe(409);
    expect(headers["content-type"]).toContain("application/problem+json");
    expect(body).toMatchObject({
      code: "PLAYER_BUSY",
      players: [{ id: "ann", state: "inqueue", queue: "duel", ticket }],
    });
    expect((await call("GET", "/v1/players/cat")).body).toMatchObject({ state: "idle", version: 0 });
  });

  it("refuses a party that no team holds as impossible", async () => {
    const players = ["a", "b", "c"].map((id) => ({ id, elo: 1 }));
    const { status, body } = await call("POST", "/v1/queues/pairs/tickets", { payload: { players } });
    expect([status, body.code]).toEqual([422, "IMPOSSIBLE"]);
  });

  it("answers 429 with Retry-After while searches are too far behind, and holds nothing of the ticket", async () => {
    isOverloaded = true;
    const { status, headers, body } = await enqueue("ann");
    expect([status, body.code, headers["retry-after"]]).toEqual([429, "OVERLOADED", "3"]);
    const batch = await call("POST", "/v1/queues/duel/tickets/batch", {
      payload: { tickets: [{ players: [{ id: "ann", elo: 1_000 }] }, { players: [{ id: "bob", elo: 1_000 }] }] },
    });
    expect(batch.body.results.map((result: { status: number }) => result.status)).toEqual([429, 429]);
    isOverloaded = false;
    expect((await enqueue("ann")).status).toBe(201);
  });

  it("answers 429 with Retry-After when the queue is full", async () => {
    await enqueue("ann", "tiny");
    await enqueue("cid", "tiny");
    const { status, headers, body } = await enqueue("bob", "tiny");
    expect([status, body.code]).toEqual([429, "OVERLOADED"]);
    expect(Number(headers["retry-after"])).toBeGreaterThan(0);
  });
});

describe("a ticket that no match could hold", () => {
  const send = (payload: object) => call("POST", "/v1/queues/hunt/tickets", { payload });
  const player = (id: string, ...roles: string[]) => ({ id, elo: 1_000, ...(roles.length > 0 && { roles }) });

  it.each([
    ["names a team that isn't there", { teams: ["judge"], players: [player("ann")] }, [400, "INVALID", "teams"]],
    ["lists a role that isn't there", { players: [player("ann", "bard")] }, [400, "INVALID", "players"]],
    [
      "is larger than the team it names",
      { teams: ["hunter"], players: [player("ann"), player("bob")] },
      [422, "IMPOSSIBLE", "players"],
    ],
    [
      "wants one role twice",
      { players: [player("ann", "tracker"), player("bob", "tracker")] },
      [422, "IMPOSSIBLE", "players"],
    ],
  ])("is refused when it %s, and nothing is stored", async (_, payload, expected) => {
    const { status, body } = await send(payload);
    expect([status, body.code, body.field]).toEqual(expected);
    expect((await call("GET", "/v1/players/ann")).body.state).toBe("idle");
  });

  it("is told from one that could, which is answered with all that it said", async () => {
    const payload = { teams: ["prey"], players: [player("ann", "runner"), player("bob")] };
    const { status, body } = await send(payload);
    expect(status).toBe(201);
    expect((await call("GET", `/v1/tickets/${body.id}`)).body).toMatchObject(payload);
  });
});

describe("a change of a waiting ticket", () => {
  const send = (ticket: string, payload: object) => call("PATCH", `/v1/tickets/${ticket}`, { payload });
  const as = (id: string, elo: number, ...roles: string[]) => ({ id, elo, ...(roles.length > 0 && { roles }) });

  it("is answered with the ticket, which keeps its place and is searched for at once", async () => {
    const old = (await enqueue("ann")).body;
    const { status, body } = await send(old.id, {
      version: 1,
      players: [as("ann", 1_500)],
      attributes: { map: "bay" },
    });
    expect(status).toBe(200);
    expect(body).toEqual({ ...old, version: 2, players: [as("ann", 1_500)], attributes: { map: "bay" } });
    expect((await call("GET", `/v1/tickets/${old.id}`)).body).toEqual(body);
    expect(searched).toHaveLength(2);
    expect((await send(old.id, { version: 2, attributes: { map: "sea" } })).body.players).toEqual(body.players);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("made from another version is refused with the ticket as it is", async () => {
    const { id } = (await enqueue("ann")).body;
    await send(id, { version: 1, players: [as("ann", 1_500)] });
    const { status, body } = await send(id, { version: 1, players: [as("ann", 1_700)] });
    expect([status, body.code, body.field]).toEqual([409, "VERSION_CONFLICT", "version"]);
    expect(body.ticket).toEqual((await call("GET", `/v1/tickets/${id}`)).body);
    expect(body.ticket).toMatchObject({ version: 2, players: [as("ann", 1_500)] });
  });

  it("of no ticket, or one that has ended, is refused", async () => {
    const none = await send("t_none", { version: 1 });
    expect([none.status, none.body.code]).toEqual([404, "TICKET_NOT_FOUND"]);
    const { id } = (await enqueue("ann")).body;
    await call("DELETE", `/v1/tickets/${id}`);
    const over = await send(id, { version: 1 });
    expect([over.status, over.body.code]).toEqual([409, "TICKET_OVER"]);
  });

  it.each([
    ["without a version", {}, [400, "INVALID", "version"]],
    ["to another player", { version: 1, players: [as("cat", 1), as("bob", 1)] }, [400, "INVALID", "players[0].id"]],
    ["that forgets a player", { version: 1, players: [as("ann", 1)] }, [400, "INVALID", "players"]],
    ["to a team that isn't there", { version: 1, teams: ["judge"] }, [400, "INVALID", "teams"]],
    ["to a team that can't hold it", { version: 1, teams: ["hunter"] }, [422, "IMPOSSIBLE", "players"]],
  ])("%s is refused and changes nothing", async (_, payload, expected) => {
    const players = [as("ann", 1_000, "runner"), as("bob", 1_000, "runner")];
    const old = (await call("POST", "/v1/queues/hunt/tickets", { payload: { players } })).body;
    const { status, body } = await send(old.id, payload);
    expect([status, body.code, body.field]).toEqual(expected);
    expect((await call("GET", `/v1/tickets/${old.id}`)).body).toEqual(old);
  });
});

it("a realm may say that a player is away, and back: its ticket keeps its place", async () => {
  const ticket = (await enqueue("ann")).body;
  const away = await call("POST", "/v1/players/ann/disconnect");
  expect(away.body).toMatchObject({ id: "ann", state: "inqueue", ticket: ticket.id });
  expect((await call("GET", `/v1/tickets/${ticket.id}`)).body).toMatchObject({ status: "queued", away: ["ann"] });
  expect((await call("POST", "/v1/players/ann/reconnect")).body.version).toBeGreaterThan(away.body.version);
  expect((await call("GET", `/v1/tickets/${ticket.id}`)).body).toEqual({ ...ticket, version: 3 });
  const nobody = await call("POST", "/v1/players/nobody/disconnect");
  expect([nobody.status, nobody.body]).toMatchObject([200, { id: "nobody", state: "idle" }]);
});

it("a refusal names the call as the caller did, or by a name of its own", async () => {
  const nameOf = async (id: string) =>
    (await call("GET", "/v1/tickets/t_none", { headers: { "x-request-id": id } })).headers["x-request-id"];
  expect(await nameOf("trace-1")).toBe("trace-1");
  expect(await nameOf("two words")).toMatch(/^r\d+$/);
  expect(await nameOf("x".repeat(65))).toMatch(/^r\d+$/);
});

describe("an idempotency key", () => {
  const send = (at: FastifyInstance, id: string, key = "k-1") =>
    call(
      "POST",
      "/v1/queues/duel/tickets",
      { payload: { players: [{ id, elo: 1_000 }] }, headers: { "idempotency-key": key } },
      at,
    );

  it("gives the same answer at another orchestrator, and queues once", async () => {
    const first = await send(app, "ann");
    const again = await send(other, "ann");
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    expect(searched).toHaveLength(1);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("gives the same answer also when the ticket has ended", async () => {
    const first = await send(app, "ann");
    await call("DELETE", `/v1/tickets/${first.body.id}`);
    expect((await send(other, "ann")).body).toEqual(first.body);
    expect((await call("GET", "/v1/players/ann")).body.state).toBe("idle");
  });

  it("with another body is a conflict", async () => {
    await send(app, "ann");
    const { status, body } = await send(other, "bob");
    expect([status, body.code]).toEqual([409, "IDEMPOTENCY_CONFLICT"]);
    expect((await call("GET", "/v1/players/bob")).body.state).toBe("idle");
  });

  it("sent many times at once to both orchestrators queues once", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => send(n % 2 ? app : other, "ann")));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  });

  it("gives the first answer also while no new tickets are let in", async () => {
    const first = await send(app, "ann");
    isOverloaded = true;
    expect((await send(other, "ann")).body).toEqual(first.body);
    expect((await send(other, "bob")).body.code).toBe("IDEMPOTENCY_CONFLICT");
    expect((await send(other, "bob", "k-3")).body.code).toBe("OVERLOADED");
    await call("PATCH", `/v1/tickets/${first.body.id}`, {
      payload: { version: 1, players: [{ id: "ann", elo: 2_000 }] },
    });
    expect((await send(other, "ann")).body).toEqual(first.body);
    expect((await call("GET", "/v1/players/bob")).body).toMatchObject({ state: "idle", version: 0 });
  });

  it("covers each ticket of a batch that is repeated while no new tickets are let in", async () => {
    const batch = (...ids: string[]) =>
      call("POST", "/v1/queues/duel/tickets/batch", {
        payload: { tickets: ids.map((id) => ({ players: [{ id, elo: 1 }] })) },
        headers: { "idempotency-key": "k-4" },
      });
    const first = await batch("ann", "bob");
    isOverloaded = true;
    expect((await batch("ann", "bob")).body).toEqual(first.body);
    const more = (await batch("ann", "bob", "cat")).body.results;
    expect(more.map(({ status }: { status: number }) => status)).toEqual([201, 201, 429]);
  });

  it("covers each ticket of a batch", async () => {
    const batch = () =>
      call("POST", "/v1/queues/duel/tickets/batch", {
        payload: { tickets: ["ann", "bob"].map((id) => ({ players: [{ id, elo: 1 }] })) },
        headers: { "idempotency-key": "k-2" },
      });
    const first = await batch();
    expect((await batch()).body).toEqual(first.body);
    expect(first.body.results.map(({ status }: { status: number }) => status)).toEqual([201, 201]);
  });
});

describe("a batch", () => {
  it("answers for each ticket by itself, in order", async () => {
    const tickets = [
      { players: [{ id: "ann", elo: 1_000 }] },
      { players: [{ id: "ann", elo: 1_000 }] },
      { players: [{ id: "bob" }] },
      {
        players: [
          { id: "cat", elo: 1 },
          { id: "dan", elo: 1 },
        ],
      },
      "nonsense",
      { players: [{ id: "eve", elo: 1_000 }] },
    ];
    const { status, body } = await call("POST", "/v1/queues/duel/tickets/batch", { payload: { tickets } });
    expect(status).toBe(200);
    expect(body.results.map((result: { status: number }) => result.status)).toEqual([201, 409, 400, 422, 400, 201]);
    expect(body.results[2].error).toMatchObject({ code: "INVALID", field: "players[0].elo" });
    expect(body.results[5].ticket.players[0].id).toBe("eve");
    expect(await test.inconsistencies()).toEqual([]);
  });

  it.each([[[]], [Array.from({ length: 501 }, (_, n) => ({ players: [{ id: `p${n}`, elo: 1 }] }))], ["all"]])(
    "of another size than 1 to 500 is refused whole",
    async (tickets) => {
      const { status, body } = await call("POST", "/v1/queues/duel/tickets/batch", { payload: { tickets } });
      expect([status, body.code, body.field]).toEqual([400, "INVALID", "tickets"]);
      expect(await test.raw.keys("*")).toEqual([]);
    },
  );
});

describe("bad input", () => {
  const player = (change: object) => ({ players: [{ id: "ann", elo: 1_000, ...change }] });

  it.each([
    ["no players", { players: [] }, "players"],
    ["players missing", {}, "players"],
    ["players of another type", { players: "ann" }, "players"],
    [
      "the same player twice",
      {
        players: [
          { id: "ann", elo: 1 },
          { id: "ann", elo: 1 },
        ],
      },
      "players[1].id",
    ],
    ["elo missing", { players: [{ id: "ann" }] }, "players[0].elo"],
    ["elo as text", player({ elo: "1000" }), "players[0].elo"],
    ["elo null", player({ elo: null }), "players[0].elo"],
    ["elo too high", player({ elo: 1e9 }), "players[0].elo"],
    ["an empty id", player({ id: "" }), "players[0].id"],
    ["an id over 64 long", player({ id: "x".repeat(65) }), "players[0].id"],
    ["an id with odd characters", player({ id: "ann\n{main}" }), "players[0].id"],
    ["an id that is a prototype's name", player({ id: "__proto__" }), "players[0].id"],
    ["a negative ping", player({ avgPingMs: -1 }), "players[0].avgPingMs"],
    ["a latitude off the globe", player({ position: { lat: 91, lon: 0 } }), "players[0].position.lat"],
    ["an unknown field", player({ rank: 1 }), "players[0].rank"],
    ["a ping that is no number", player({ latencyMs: { "eu-west": "fast" } }), "players[0].latencyMs.eu-west"],
    ["an attribute that is an object", player({ attributes: { a: {} } }), "players[0].attributes.a"],
  ])("%s is refused, names the field and writes nothing", async (_, payload, field) => {
    const { status, headers, body } = await call("POST", "/v1/queues/pairs/tickets", { payload });
    expect([status, body.code]).toEqual([400, "INVALID"]);
    expect(headers["content-type"]).toContain("application/problem+json");
    expect(body.field).toBe(field);
    expect(await test.raw.keys("*")).toEqual([]);
  });

  it.each([
    ["an unknown queue", "POST", "/v1/queues/nope/tickets", 404, "QUEUE_NOT_FOUND"],
    ["an unknown ticket", "GET", "/v1/tickets/t_nope", 404, "TICKET_NOT_FOUND"],
    ["cancelling an unknown ticket", "DELETE", "/v1/tickets/t_nope", 404, "TICKET_NOT_FOUND"],
    ["an unknown match", "GET", "/v1/matches/m_nope", 404, "MATCH_NOT_FOUND"],
    ["ending an unknown match", "POST", "/v1/matches/m_nope/end", 404, "MATCH_NOT_FOUND"],
    ["an odd player id", "GET", "/v1/players/%00", 400, "INVALID"],
    ["an odd ticket id", "GET", "/v1/tickets/a%20b", 400, "INVALID"],
    ["an unknown route", "GET", "/v2/queues", 404, "ROUTE_NOT_FOUND"],
  ] as const)("%s is a problem with a code", async (_, method, url, status, code) => {
    const payload = url.endsWith("/tickets") ? { payload: player({}) } : {};
    const answer = await call(method, url, payload);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it.each([
    ["not JSON", "{", "application/json", 400, "INVALID"],
    ["NaN", '{"players":[{"id":"ann","elo":NaN}]}', "application/json", 400, "INVALID"],
    ["a number past all range", '{"players":[{"id":"ann","elo":1e999}]}', "application/json", 400, "INVALID"],
    ["a prototype", '{"__proto__":{},"players":[]}', "application/json", 400, "INVALID"],
    ["no JSON type", "players=ann", "application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["over 256 KiB", `{"players":"${"x".repeat(256 * 1024)}"}`, "application/json", 413, "BODY_TOO_LARGE"],
  ])("a body that is %s names what is wrong", async (_, payload, type, status, code) => {
    const answer = await call("POST", "/v1/queues/duel/tickets", { payload, headers: { "content-type": type } });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.field).toBeTruthy();
  });
});

describe("cancel", () => {
  it("answers cancelled, also the second time", async () => {
    const { id } = (await enqueue("ann")).body as Ticket;
    expect((await call("DELETE", `/v1/tickets/${id}`)).body).toEqual({ outcome: "cancelled" });
    expect((await call("DELETE", `/v1/tickets/${id}`, {}, other)).body).toEqual({ outcome: "cancelled" });
  });
});
