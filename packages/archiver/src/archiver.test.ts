import { type Running, silentLogger } from "@muster/core/service";
import { commitMatches, connectForCommits, disconnect, type Store } from "@muster/store";
import { duelProposal, endOfMatch, openTestStore, sampleQueue, solo, type TestStore } from "@muster/store/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";
import { archiver } from "./service.ts";
import { startTestPostgres, type TestPostgres } from "./testing/postgres-server.ts";

let postgres: TestPostgres;
let test: TestStore;
const running: Running[] = [];
beforeAll(async () => {
  postgres = await startTestPostgres();
}, 60_000);
afterAll(() => postgres?.stop());
beforeEach(async () => {
  test = await openTestStore();
  await postgres.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop()));
  await test.stop();
});

const start = async () => {
  const settings = { REDIS_URL: test.redis.url, MUSTER_PORT: "0", DATABASE_URL: postgres.url };
  const service = await archiver.start(readConfig(settings), silentLogger);
  running.push(service);
  return async () => {
    const answer = await fetch(`http://127.0.0.1:${service.port}/readyz`);
    return (await answer.json()) as Record<string, unknown>;
  };
};
const stop = async () => running.shift()?.stop();

const queue = sampleQueue();
const enqueue = (store: Store, ids: string[]) =>
  store.enqueueTickets(
    queue,
    ids.map((id) => ({ id, request: solo(`p-${id}`) })),
  );
const cancel = async (ids: string[]) => {
  await enqueue(test.store, ids);
  for (const id of ids) await test.store.endTicket(id, "cancelled");
};
/** Two tickets become a match that runs. */
const match = async (id: string) => {
  const ids = [`${id}-a`, `${id}-b`] as const;
  await enqueue(test.store, [...ids]);
  const connection = connectForCommits(test.redis.url, "test-commit", "main");
  await connection.connect();
  try {
    const { keys, clock, retention } = test.store;
    await connection.set(keys.moverFence, "f");
    const proposal = duelProposal(id, [
      [ids[0], `p-${ids[0]}`],
      [ids[1], `p-${ids[1]}`],
    ]);
    const context = { connection, keys, now: clock.now(), retention, fence: "f", queue: () => queue };
    const outcomes = await commitMatches(context, [proposal]);
    expect(outcomes).toEqual(["committed"]);
  } finally {
    await disconnect(connection);
  }
};
const count = async (table: string) => Number((await postgres.query(`SELECT count(*) AS n FROM ${table}`))[0]?.n);
const counts = async () => ({
  sessions: await count("sessions").catch(() => 0),
  players: await count("session_players").catch(() => 0),
  tickets: await count("tickets").catch(() => 0),
});

describe("the archiver", () => {
  it("copies tickets when they end, and matches with their players when they are over", async () => {
    await start();
    await cancel(["t1"]);
    await match("m1");
    await expect.poll(counts, { timeout: 10_000 }).toEqual({ sessions: 0, players: 0, tickets: 3 });
    await endOfMatch(test.store, "m1");
    await expect.poll(counts, { timeout: 10_000 }).toEqual({ sessions: 1, players: 2, tickets: 3 });
    const tickets = await postgres.query(
      "SELECT id, status, session_id, player_ids, players->0->>'id' AS player FROM tickets ORDER BY id",
    );
    expect(tickets).toEqual([
      { id: "m1-a", status: "matched", session_id: "m1", player_ids: ["p-m1-a"], player: "p-m1-a" },
      { id: "m1-b", status: "matched", session_id: "m1", player_ids: ["p-m1-b"], player: "p-m1-b" },
      { id: "t1", status: "cancelled", session_id: null, player_ids: ["p-t1"], player: "p-t1" },
    ]);
    const record = await test.store.readMatch("m1");
    expect(await postgres.query("SELECT id, queue, ended_at, created_at, team_sizes FROM sessions")).toEqual([
      {
        id: "m1",
        queue: "duel",
        ended_at: new Date(record?.endedAt ?? 0),
        created_at: new Date(record?.createdAt ?? 0),
        team_sizes: [1, 1],
      },
    ]);
  });

  it("goes on where it stopped: nothing twice, nothing left out", async () => {
    await start();
    await cancel(["t1", "t2"]);
    await expect.poll(counts, { timeout: 10_000 }).toMatchObject({ tickets: 2 });
    await stop();
    await cancel(["t3", "t4"]);
    const status = await start();
    await expect.poll(counts, { timeout: 10_000 }).toMatchObject({ tickets: 4 });
    expect(await status()).toMatchObject({ tickets: 2, missed: 0, behind: 0 });
  });

  it("loses and doubles nothing while PostgreSQL is killed again and again", async () => {
    const status = await start();
    const ids = Array.from({ length: 60 }, (_, n) => `t${n}`);
    for (let n = 0; n < 3; n++) {
      const [half, other] = [ids.slice(n * 20, n * 20 + 10), ids.slice(n * 20 + 10, n * 20 + 20)];
      await cancel(half);
      await postgres.kill();
      await cancel(other);
      await expect.poll(async () => (await status()).state, { timeout: 10_000 }).toBe("connecting");
      await postgres.start();
    }
    await expect.poll(counts, { timeout: 30_000 }).toMatchObject({ tickets: 60 });
    const [row] = await postgres.query("SELECT event_count, missed FROM archive_progress");
    expect(row).toEqual({ event_count: String(await test.raw.xlen("{main}:events")), missed: "0" });
  }, 90_000);

  it("waits for a Redis that is away", async () => {
    const status = await start();
    await expect.poll(async () => (await status()).state, { timeout: 10_000 }).toBe("archiving");
    await test.redis.kill();
    await expect.poll(async () => (await status()).state, { timeout: 10_000 }).toBe("connecting");
    await test.redis.start();
    await expect
      .poll(
        () =>
          test.store.ping().then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true);
    await cancel(["t1"]);
    await expect.poll(counts, { timeout: 15_000 }).toMatchObject({ tickets: 1 });
  }, 60_000);

  it("works alone: another one stands by and takes over", async () => {
    const first = await start();
    await expect.poll(async () => (await first()).state, { timeout: 10_000 }).toBe("archiving");
    const second = await start();
    await expect.poll(async () => (await second()).state, { timeout: 10_000 }).toBe("standing by");
    await stop();
    await expect.poll(async () => (await second()).state, { timeout: 10_000 }).toBe("archiving");
    await cancel(["t1"]);
    await expect.poll(counts, { timeout: 10_000 }).toMatchObject({ tickets: 1 });
  });

  it("puts each row into its month, also of months long past, and has the next month's tables ready", async () => {
    const write = (id: string, at: number) =>
      test.raw.xadd(
        "{main}:events",
        "*",
        ...["type", "expired", "queue", "duel", "ticket", id, "at", String(at)],
        ...["createdAt", String(at - 5), "tries", "1"],
      );
    await write("old", Date.UTC(2025, 11, 31, 23, 59, 59, 999));
    await write("new", Date.UTC(2026, 0, 1));
    const status = await start();
    await expect.poll(counts, { timeout: 10_000 }).toMatchObject({ tickets: 2 });
    expect(await postgres.query("SELECT id FROM tickets_2025_12")).toEqual([{ id: "old" }]);
    expect(await postgres.query("SELECT id FROM tickets_2026_01")).toEqual([{ id: "new" }]);
    const next = new Date();
    next.setUTCMonth(next.getUTCMonth() + 1, 1);
    const ahead = next.toISOString().slice(0, 7).replace("-", "_");
    for (const table of ["sessions", "session_players", "tickets"]) expect(await count(`${table}_${ahead}`)).toBe(0);
    // Their records were never there.
    expect(await status()).toMatchObject({ incomplete: 2 });
  });

  it("tells how many events the stream dropped before they were archived", async () => {
    await start();
    await cancel(["t1"]);
    await expect.poll(counts, { timeout: 10_000 }).toMatchObject({ tickets: 1 });
    await stop();
    const before = await test.raw.xlen("{main}:events");
    await cancel(["t2", "t3", "t4"]);
    const written = (await test.raw.xlen("{main}:events")) - before;
    await test.raw.xtrim("{main}:events", "MAXLEN", 1);
    const status = await start();
    await expect.poll(counts, { timeout: 10_000 }).toMatchObject({ tickets: 2 });
    expect(await status()).toMatchObject({ missed: written - 1 });
    expect(await postgres.query("SELECT missed FROM archive_progress")).toEqual([{ missed: String(written - 1) }]);
  });

  it("sets aside what PostgreSQL refuses, and archives the rest", async () => {
    const nul = { players: [{ id: "p-bad", elo: 1, attributes: { note: "a\u0000b" } }] };
    await test.store.enqueueTickets(queue, [{ id: "bad", request: nul }]);
    await test.store.endTicket("bad", "cancelled");
    await cancel(["good"]);
    const status = await start();
    await expect.poll(counts, { timeout: 10_000 }).toMatchObject({ tickets: 1 });
    expect(await postgres.query("SELECT reason, event::json->>'ticket' AS ticket FROM archive_faults")).toEqual([
      { reason: expect.stringContaining("Unicode"), ticket: "bad" },
    ]);
    expect(await status()).toMatchObject({ refused: 1 });
  });

  it("has the domain's constraints kept by PostgreSQL itself", async () => {
    await start();
    await match("m1");
    await endOfMatch(test.store, "m1");
    await expect.poll(counts, { timeout: 10_000 }).toMatchObject({ sessions: 1 });
    const refused = (change: string) => expect(postgres.query(change)).rejects.toThrow(/violates|invalid input/);
    await refused("UPDATE sessions SET created_at = ended_at + interval '1 ms'");
    await refused("UPDATE sessions SET team_sizes = '{1,-1}'");
    await refused("UPDATE sessions SET team_sizes = '{1}'");
    await refused("INSERT INTO session_players SELECT * FROM session_players");
    await refused("UPDATE session_players SET session_id = 'none'");
    await refused("UPDATE tickets SET status = 'lost'");
    await refused("UPDATE tickets SET session_id = NULL");
    await refused("UPDATE tickets SET tries = -1");
  });
});

it("the database's password is shown in no fault", () => {
  const read = () => readConfig({ DATABASE_URL: "mysql://user:secret@host/db" });
  expect(read).toThrow(/postgres:\/\//);
  expect(read).not.toThrow(/secret/);
});
