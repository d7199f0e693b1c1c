import { endMatch } from "@muster/core";
import { connectForCommits, ratingText } from "@muster/store";
import { commitAll, openTestStore, proposalFor, sampleQueue, type TestStore } from "@muster/store/testing";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildTestApp } from "./testing/build-test-app.ts";

const rated = sampleQueue({
  name: "rated",
  teams: { count: 2, size: 2 },
  maxPartySize: 2,
  ratings: { system: "elo", initial: 1_200 },
});
const bare = sampleQueue({ name: "bare" });
const queues = new Map([rated, bare].map((queue) => [queue.name, queue]));

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

const keep = (player: string, elo: number, queue = "rated") =>
  test.raw.hset(test.store.keys.ratings(player), queue, ratingText({ elo, matches: 4 }));
const post = async (path: string, payload: object, key?: string) => {
  const headers = key === undefined ? {} : { "idempotency-key": key };
  const response = await app.inject({ method: "POST", url: `/v1/queues/${path}`, payload, headers });
  return { status: response.statusCode, body: response.json() };
};
const get = async (url: string) => (await app.inject({ url })).json();
const elos = (players: { elo: number }[]) => players.map(({ elo }) => elo);

describe("a player that comes without elo", () => {
  it("has the rating that is kept, a new one the queue's initial, and who names its elo has that", async () => {
    await keep("ann", 1_432.5);
    await keep("cat", 9, "bare");
    const party = await post("rated/tickets", { players: [{ id: "ann" }, { id: "bob" }] });
    expect(party.status).toBe(201);
    expect(elos(party.body.players)).toEqual([1_432.5, 1_200]);
    expect((await get(`/v1/tickets/${party.body.id}`)).players).toEqual(party.body.players);
    const own = await post("rated/tickets", { players: [{ id: "cat", elo: 800 }, { id: "dan" }] });
    expect(elos(own.body.players)).toEqual([800, 1_200]);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("has it also when its parameters are changed, and the same change again is answered as the first time", async () => {
    await keep("ann", 1_400);
    const { body: ticket } = await post("rated/tickets", {
      players: [
        { id: "ann", elo: 900 },
        { id: "bob", elo: 950 },
      ],
    });
    const change = (players: object[]) =>
      app.inject({ method: "PATCH", url: `/v1/tickets/${ticket.id}`, payload: { version: 1, players } });
    const players = [{ id: "ann", avgPingMs: 30 }, { id: "bob" }];
    const first = await change(players);
    expect(elos(first.json().players)).toEqual([1_400, 1_200]);
    await keep("ann", 1_450);
    expect((await change(players)).json()).toEqual(first.json());
    expect((await change([{ id: "ann" }, { id: "bob" }])).json()).toMatchObject({ code: "VERSION_CONFLICT" });

    const { body: other } = await post("bare/tickets", { players: [{ id: "cat", elo: 900 }] });
    const payload = { version: 1, players: [{ id: "cat" }] };
    const refused = (await app.inject({ method: "PATCH", url: `/v1/tickets/${other.id}`, payload })).json();
    expect(refused).toMatchObject({ code: "INVALID", field: "players[0].elo" });
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("is found by searches at that elo", async () => {
    await keep("ann", 2_000);
    await post("rated/tickets", { players: [{ id: "ann" }] });
    expect(await test.raw.exists(test.store.keys.eloBucket("rated", 80))).toBe(1);
  });

  it.each([
    ["one is missing", [{ id: "ann" }], "players[0].elo"],
    ["the second one is missing", [{ id: "ann", elo: 1 }, { id: "bob" }], "players[1].elo"],
  ])("is refused in a queue without ratings when %s: it says so and nothing is written", async (_, players, field) => {
    const { status, body } = await post("bare/tickets", { players });
    expect([status, body.code, body.field]).toEqual([400, "INVALID", field]);
    expect(body.detail).toContain("ratings");
    expect(await test.raw.keys("*")).toEqual([]);
  });

  it("is served in a batch, each ticket by itself", async () => {
    await keep("ann", 1_400);
    const tickets = [
      { players: [{ id: "ann" }] },
      { players: [{ id: "bob", elo: null }] },
      { players: [{ id: "cat" }] },
    ];
    const { results } = (await post("rated/tickets/batch", { tickets })).body;
    expect(results.map(({ status }: { status: number }) => status)).toEqual([201, 400, 201]);
    expect([results[0].ticket.players[0].elo, results[2].ticket.players[0].elo]).toEqual([1_400, 1_200]);
    expect(results[1].error.field).toBe("players[0].elo");
    const refused = (await post("bare/tickets/batch", { tickets: [{ players: [{ id: "dan" }] }] })).body.results;
    expect(refused[0].error).toMatchObject({ code: "INVALID", field: "players[0].elo" });
  });
});

describe("an idempotency key without elo", () => {
  const send = (player: object = { id: "ann" }) => post("rated/tickets", { players: [player] }, "k-1");

  it("gives the very same answer although the rating changed in between", async () => {
    await keep("ann", 1_400);
    const first = await send();
    await keep("ann", 1_450);
    expect(await send()).toEqual(first);
    await app.inject({ method: "DELETE", url: `/v1/tickets/${first.body.id}` });
    expect(await send()).toEqual(first);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("is a conflict with the same request that names the elo: those are two requests", async () => {
    await keep("ann", 1_400);
    await send();
    expect((await send({ id: "ann", elo: 1_400 })).body.code).toBe("IDEMPOTENCY_CONFLICT");
  });

  it("gives one answer to many at once while the rating changes", async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        await keep("ann", 1_400 + n);
        return send();
      }),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });
});

describe("a player's ratings", () => {
  it("are shown by queue, without what only the system itself needs", async () => {
    await keep("ann", 1_400);
    await test.raw.hset(
      test.store.keys.ratings("ann"),
      "old",
      ratingText({ elo: 1_510, mu: 25.2, sigma: 8, matches: 1 }),
    );
    const ratings = { rated: { elo: 1_400, matches: 4 }, old: { elo: 1_510, matches: 1 } };
    expect(await get("/v1/players/ann/ratings")).toEqual({ id: "ann", ratings });
  });

  it("are none before the first rated match; an odd id is refused", async () => {
    expect(await get("/v1/players/new/ratings")).toEqual({ id: "new", ratings: {} });
    expect(await get("/v1/players/a%20b/ratings")).toMatchObject({ status: 400, code: "INVALID" });
  });

  it("are said to be kept by the queue's definition", async () => {
    expect(await get("/v1/queues/rated")).toMatchObject({ ratings: { system: "elo", initial: 1_200 } });
  });
});

describe("the end of a match in a queue with ratings", () => {
  const played = async () => {
    await keep("ann", 1_400);
    const ids: string[] = [];
    for (const id of ["ann", "bob", "cat", "dan"])
      ids.push((await post("rated/tickets", { players: [{ id }] })).body.id);
    await test.store.holdLease("me", 60_000);
    const connection = connectForCommits(test.redis.url, "commit", "main");
    await connection.connect();
    const tickets = await Promise.all(ids.map((id) => test.store.readTicket(id)));
    const proposal = proposalFor(
      rated,
      "m_1",
      tickets.filter((ticket) => ticket !== null),
    );
    expect(await commitAll(test.store, connection, queues, [proposal])).toEqual(["committed"]);
    connection.disconnect();
  };
  const end = async (payload: object) =>
    (await app.inject({ method: "POST", url: "/v1/matches/m_1/end", payload })).json();
  const ratingsOf = async (player: string) => (await get(`/v1/players/${player}/ratings`)).ratings.rated;

  it("moves each player's rating once, also when it is told again, and by several at once", async () => {
    await played();
    const scores = { ann: 3, bob: 1, cat: 0, dan: 1 };
    await Promise.all([end({ scores }), end({ scores }), end({ scores })]);
    await end({ scores });
    const [ann, bob, cat] = await Promise.all(["ann", "bob", "cat"].map(ratingsOf));
    expect([ann.matches, bob.matches, cat.matches]).toEqual([5, 1, 1]);
    expect(ann.elo).toBeGreaterThan(1_400);
    expect(bob.elo).toBeGreaterThan(1_200);
    // What the winners gain, the losers lose.
    expect(ann.elo - 1_400 + (bob.elo - 1_200)).toBeCloseTo(2 * (1_200 - cat.elo), 6);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("may be told when its time, or the last one who left, has ended it, and counts once", async () => {
    await played();
    const endedByTime = await test.store.changeMatch(
      "m_1",
      () => rated,
      (_, match, now) => endMatch(match, {}, now),
    );
    expect(endedByTime?.state).toBe("ended");
    const scores = { ann: 3, bob: 1 };
    expect(await Promise.all([end({ scores }), end({ scores })])).toMatchObject([
      { reported: true },
      { reported: true },
    ]);
    expect((await ratingsOf("ann")).matches).toBe(5);
    expect((await ratingsOf("cat")).elo).toBeLessThan(1_200);

    await test.raw.flushall();
    await played();
    for (const player of ["ann", "bob", "cat", "dan"])
      await app.inject({ method: "POST", url: "/v1/matches/m_1/leave", payload: { player } });
    expect(await end({ places: { "1": 2, "2": 1 } })).toMatchObject({ state: "ended", reported: true });
    expect((await ratingsOf("ann")).elo).toBeLessThan(1_400);
  });

  it("goes by places too, and refuses places of other teams", async () => {
    await played();
    expect(await end({ places: { "1": 2, "3": 1 } })).toMatchObject({ code: "INVALID", field: "places.2" });
    await end({ places: { "1": 2, "2": 1 } });
    expect((await ratingsOf("ann")).elo).toBeLessThan(1_400);
  });

  it("counts who left with its team, and moves nothing without a word on how it went", async () => {
    await played();
    await app.inject({ method: "POST", url: "/v1/matches/m_1/leave", payload: { player: "dan" } });
    await end({ scores: { ann: 1 } });
    expect((await ratingsOf("dan")).elo).toBeLessThan(1_200);
    await test.raw.flushall();
    await played();
    await end({});
    expect(await ratingsOf("bob")).toBeUndefined();
  });
});
