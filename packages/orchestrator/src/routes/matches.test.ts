import { commitMatches, connectForCommits } from "@muster/store";
import { duelProposal, openTestStore, sampleQueue, type TestStore } from "@muster/store/testing";
import type { FastifyInstance, InjectOptions } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildTestApp } from "../testing/build-test-app.ts";

const duel = sampleQueue();

let test: TestStore;
let app: FastifyInstance;
/** Tickets that were to be searched for, packed. */
let searched: string[] = [];
beforeAll(async () => {
  test = await openTestStore();
  const searches = { add: (_: unknown, { packed }: { packed: string }) => void searched.push(packed) };
  app = await buildTestApp({ store: test.store, queues: new Map([["duel", duel]]), searches });
});
afterAll(async () => {
  await app.close();
  await test.stop();
});
beforeEach(async () => {
  await test.raw.flushall();
  searched = [];
});

const call = async (method: "GET" | "POST" | "DELETE", url: string, options: InjectOptions = {}) => {
  const response = await app.inject({ method, url, ...options });
  return { status: response.statusCode, headers: response.headers, body: response.json() };
};
const enqueue = (id: string, elo = 1_000) =>
  call("POST", "/v1/queues/duel/tickets", { payload: { players: [{ id, elo }] } });
/** A match, m_1, of ann and bob. */
const match = async () => {
  const [ann, bob] = [(await enqueue("ann")).body, (await enqueue("bob")).body];
  await test.store.holdLease("me", 60_000);
  const connection = connectForCommits(test.redis.url, "commit", "main");
  await connection.connect();
  const proposal = duelProposal("m_1", [
    [ann.id, "ann"],
    [bob.id, "bob"],
  ]);
  const { keys, retention, clock } = test.store;
  const context = { connection, keys, retention, fence: "me", now: clock.now() };
  await commitMatches({ ...context, queue: () => duel }, [proposal]);
  connection.disconnect();
  return { ann, bob };
};

it("a match is shown with its players, ended once, and its players are idle again", async () => {
  const { ann } = await match();
  const shown = (await call("GET", "/v1/matches/m_1")).body;
  expect(shown).toMatchObject({ id: "m_1", state: "live", teams: [{ players: [{ id: "ann" }] }, {}] });
  expect((await call("DELETE", `/v1/tickets/${ann.id}`)).body).toEqual({ outcome: "matched", match: shown });
  expect((await call("POST", "/v1/matches/m_1/end")).body).toMatchObject({ state: "ended" });
  expect((await call("POST", "/v1/matches/m_1/end")).body).toMatchObject({ state: "ended" });
  expect((await call("GET", "/v1/players/ann")).body).toMatchObject({ state: "idle" });
});

describe("backfill", () => {
  const ask = (payload: object) => call("POST", "/v1/matches/m_1/backfill", { payload });

  it("frees whom the match lost at once, and opens the place", async () => {
    await match();
    const { status, body } = await ask({ lost: ["bob"] });
    expect([status, body.state, body.version]).toEqual([200, "open", 2]);
    expect(body.teams[1]).toEqual({ name: "2", players: [], open: 1 });
    expect(body.left).toMatchObject([{ id: "bob", team: "2" }]);
    expect((await enqueue("bob")).status).toBe(201);
    expect((await call("GET", "/v1/queues/duel")).body.openMatches).toBe(1);
    expect(await test.inconsistencies()).toEqual([]);
    expect((await ask({ lost: ["bob"] })).body).toEqual(body);
  });

  it("has the nearest who wait searched for at once, and for a request that is repeated nobody", async () => {
    await match();
    const elos = [400, 1_290, 985, 1_100, 1_010, 700];
    for (const elo of elos) await enqueue(`p${elo}`, elo);
    searched = [];
    await ask({ lost: ["bob"] });
    expect(searched.map((packed) => / (p\d+) /.exec(packed)?.[1])).toEqual(["p1010", "p985", "p1100", "p1290"]);
    await ask({ lost: ["bob"] });
    expect(searched).toHaveLength(4);
    await call("POST", "/v1/matches/m_1/leave", { payload: { player: "ann" } });
    expect(searched).toHaveLength(4);
  });

  it("can be closed again, twice as well as once", async () => {
    await match();
    await ask({ lost: ["bob"] });
    const { body } = await call("DELETE", "/v1/matches/m_1/backfill");
    expect(body).toMatchObject({ state: "live", version: 3 });
    expect((await call("DELETE", "/v1/matches/m_1/backfill")).body).toEqual(body);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("says why it can't be: no such match, one that has ended, a player of another", async () => {
    expect((await ask({ lost: ["bob"] })).body.code).toBe("MATCH_NOT_FOUND");
    await match();
    expect((await ask({})).body).toMatchObject({ status: 400, code: "INVALID" });
    expect((await ask({ lost: ["eve"] })).body).toMatchObject({ code: "INVALID", field: "lost[0]" });
    await call("POST", "/v1/matches/m_1/end");
    expect((await ask({ lost: ["bob"] })).body).toMatchObject({ status: 409, code: "MATCH_ENDED" });
  });
});
