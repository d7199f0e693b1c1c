import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endMatch, joinMatch, leaveMatch } from "@muster/core";
import { type Running, silentLogger, systemClock } from "@muster/core/service";
import {
  commitMatches,
  connectForCommits,
  type DecideChange,
  disconnect,
  openDoctor,
  openStore,
  type Store,
} from "@muster/store";
import { duelProposal, endOfMatch, openTestStore, sampleQueue, solo, type TestStore } from "@muster/store/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { readConfig } from "./config.ts";
import { openDatabase } from "./database.ts";
import { makeMonths, monthOf } from "./months.ts";
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

const start = async (env = {}) => {
  const settings = { REDIS_URL: test.redis.url, MUSTER_PORT: "0", DATABASE_URL: postgres.url, ...env };
  const service = await archiver.start(readConfig(settings), silentLogger);
  running.push(service);
  return async () => {
    const answer = await fetch(`http://127.0.0.1:${service.port}/readyz`);
    return (await answer.json()) as Record<string, unknown>;
  };
};
const stop = async () => running.shift()?.stop();

const queue = sampleQueue();
const hall = sampleQueue({ name: "hall", session: { joinWithinMs: 60_000 } });
const enqueue = (store: Store, ids: string[], into = queue) =>
  store.enqueueTickets(
    into,
    ids.map((id) => ({ id, request: solo(`p-${id}`) })),
  );
const cancel = async (ids: string[]) => {
  await enqueue(test.store, ids);
  for (const id of ids) await test.store.endTicket(id, "cancelled");
};
/** Two tickets become a match. */
const match = async (id: string, of = queue) => {
  const ids = [`${id}-a`, `${id}-b`] as const;
  await enqueue(test.store, [...ids], of);
  const connection = connectForCommits(test.redis.url, "test-commit", "main");
  await connection.connect();
  try {
    const { keys, clock, retention } = test.store;
    await connection.set(keys.moverFence, "f");
    const tickets = ids.map((ticket): [string, string] => [ticket, `p-${ticket}`]);
    const proposal = duelProposal(id, tickets, { queue: of.name });
    const context = { connection, keys, now: clock.now(), retention, fence: "f", queue: () => of };
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
    const sessions = "SELECT id, queue, ended_at, created_at, started_at, dissolved, team_sizes FROM sessions";
    expect(await postgres.query(sessions)).toEqual([
      {
        id: "m1",
        queue: "duel",
        ended_at: new Date(record?.endedAt ?? 0),
        created_at: new Date(record?.createdAt ?? 0),
        started_at: new Date(record?.startedAt ?? 0),
        dissolved: null,
        team_sizes: [1, 1],
      },
    ]);
    expect(await postgres.query("SELECT DISTINCT presence FROM session_players")).toEqual([{ presence: "PLAYED" }]);
  });

  it("adds the scores that are told later than a match's end", async () => {
    await start();
    await match("m1");
    await endOfMatch(test.store, "m1");
    const scores = () => postgres.query("SELECT player_id, score FROM session_players ORDER BY 1").catch(() => []);
    const was = [null, null].map((score, n) => ({ player_id: ["p-m1-a", "p-m1-b"][n], score }));
    await expect.poll(scores, { timeout: 10_000 }).toEqual(was);
    await test.store.changeMatch(
      "m1",
      () => queue,
      (_, ended, now) => endMatch(ended, { scores: { "p-m1-b": 7 } }, now),
    );
    await expect.poll(scores, { timeout: 10_000 }).toEqual([was[0], { player_id: "p-m1-b", score: 7 }]);
  });

  it("keeps a session that never began, who came, and why tickets ended", async () => {
    await start();
    await match("m1", hall);
    const change = (decide: DecideChange) => test.store.changeMatch("m1", () => hall, decide);
    await change((_, waiting, now) => joinMatch(hall, waiting, "p-m1-a", now));
    await change((_, waiting, now) => leaveMatch(hall, waiting, "p-m1-b", now));
    await expect.poll(counts, { timeout: 10_000 }).toMatchObject({ sessions: 1, tickets: 1 });
    expect(await postgres.query("SELECT started_at, dissolved FROM sessions")).toEqual([
      { started_at: null, dissolved: "tooFew" },
    ]);
    expect(await postgres.query("SELECT player_id, presence FROM session_players ORDER BY 1")).toEqual([
      { player_id: "p-m1-a", presence: "ATTENDED" },
      { player_id: "p-m1-b", presence: "LEFT" },
    ]);
    expect(await postgres.query("SELECT id, status, reason FROM tickets")).toEqual([
      { id: "m1-b", status: "cancelled", reason: "left" },
    ]);
  });

  it("has the tickets of a session that its realm ends before it began", async () => {
    await start();
    await match("m1", hall);
    const change = (decide: DecideChange) => test.store.changeMatch("m1", () => hall, decide);
    await change((_, waiting, now) => joinMatch(hall, waiting, "p-m1-a", now));
    await change((_, waiting, now) => endMatch(waiting, {}, now));
    await expect.poll(counts, { timeout: 10_000 }).toEqual({ sessions: 1, players: 2, tickets: 2 });
    expect(await postgres.query("SELECT id, status, reason FROM tickets ORDER BY 1")).toEqual([
      { id: "m1-a", status: "matched", reason: null },
      { id: "m1-b", status: "cancelled", reason: "noShow" },
    ]);
  });

  it("tells a ticket that was cancelled because its player was lost", async () => {
    await start();
    await enqueue(test.store, ["t1"]);
    await test.raw.del(test.store.keys.playerState("p-t1"));
    const doctor = await openDoctor({
      ...{ url: test.redis.url, partition: "main", name: "doctor", clock: systemClock },
      queue: () => queue,
    });
    for await (const fault of doctor.examine()) expect(await doctor.mend(fault)).toBe("mended");
    await doctor.close();
    await expect.poll(counts, { timeout: 10_000 }).toMatchObject({ tickets: 1 });
    expect(await postgres.query("SELECT id, status, reason FROM tickets")).toEqual([
      { id: "t1", status: "cancelled", reason: "mended" },
    ]);
  });

  it("goes on with an archive of before, whose rows say less", async () => {
    await postgres.query(await readFile(new URL("./migrations/001-tables.sql", import.meta.url), "utf8"));
    await postgres.query(`
      CREATE TABLE archive_migrations (name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
      INSERT INTO archive_migrations (name) VALUES ('001-tables.sql');
      CREATE TABLE sessions_2026_01 PARTITION OF sessions FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
      CREATE TABLE session_players_2026_01 PARTITION OF session_players FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
      INSERT INTO sessions (id, ended_at, partition, queue) VALUES ('old', '2026-01-02', 'main', 'duel');
      INSERT INTO session_players (session_id, ended_at, player_id, ticket_id, team, elo, left_at)
        VALUES ('old', '2026-01-02', 'ann', 't', '1', 1, '2026-01-01')`);
    await start();
    await match("m1");
    await endOfMatch(test.store, "m1");
    await expect.poll(counts, { timeout: 10_000 }).toEqual({ sessions: 2, players: 3, tickets: 2 });
    expect(await postgres.query("SELECT id, started_at IS NULL AS unknown FROM sessions ORDER BY 1")).toEqual([
      { id: "m1", unknown: false },
      { id: "old", unknown: true },
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

  it("archives what is over in every partition, each from its own place on", async () => {
    const folder = await mkdtemp(join(tmpdir(), "muster-archiver-"));
    const eu = await openStore({ url: test.redis.url, partition: "eu", name: "eu", clock: systemClock });
    onTestFinished(async () => {
      await eu.close();
      await rm(folder, { recursive: true });
    });
    const { name: _, regions, teamShapes: __, ...duel } = queue;
    const file = join(folder, "queues.json");
    await writeFile(file, JSON.stringify({ regions, queues: { duel, ranked: { ...duel, partition: "eu" } } }));
    const cancelIn = async (store: Store, ids: string[]) => {
      await enqueue(store, ids);
      for (const id of ids) await store.endTicket(id, "cancelled");
    };
    await start({ MUSTER_QUEUES: file });
    await cancelIn(test.store, ["t1", "t2"]);
    await cancelIn(eu, ["t_eu.1"]);
    await expect.poll(counts, { timeout: 15_000 }).toMatchObject({ tickets: 3 });
    await stop();
    await cancelIn(eu, ["t_eu.2", "t_eu.3"]);
    await cancelIn(test.store, ["t3"]);
    const status = await start({ MUSTER_QUEUES: file });
    await expect.poll(counts, { timeout: 15_000 }).toMatchObject({ tickets: 6 });
    expect(
      await postgres.query("SELECT partition, array_agg(id ORDER BY id) AS ids FROM tickets GROUP BY 1 ORDER BY 1"),
    ).toEqual([
      { partition: "eu", ids: ["t_eu.1", "t_eu.2", "t_eu.3"] },
      { partition: "main", ids: ["t1", "t2", "t3"] },
    ]);
    await expect.poll(status).toMatchObject({
      ...{ state: "archiving", tickets: 3, missed: 0, behind: 0, trouble: null },
      partitions: { main: { tickets: 1 }, eu: { tickets: 2 } },
    });
    expect(await postgres.query("SELECT count(*) AS n FROM archive_faults")).toEqual([{ n: "0" }]);
  }, 60_000);

  it("makes a month's tables also when another does so at the same time", async () => {
    await start();
    await cancel(["t1"]);
    await expect.poll(counts, { timeout: 10_000 }).toMatchObject({ tickets: 1 });
    const databases = await Promise.all(["one", "two", "three"].map((name) => openDatabase(postgres.url, name)));
    for (let later = 2; later < 12; later++) {
      const month = monthOf(systemClock.now(), later);
      await Promise.all(databases.map((database) => makeMonths(database, [month])));
      expect(await count(`tickets_${month.name}`)).toBe(0);
    }
    await Promise.all(databases.map((database) => database.close()));
  }, 60_000);

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
    await refused("UPDATE session_players SET presence = 'LEFT'");
    await refused("UPDATE sessions SET started_at = ended_at + interval '1 ms'");
    await refused("UPDATE sessions SET dissolved = 'tooFew'");
    await refused("UPDATE tickets SET reason = 'left'");
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
