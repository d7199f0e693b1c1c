import { systemClock } from "@muster/core/service";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectForCommits } from "../redis/connect.ts";
import { openStore } from "../store.ts";
import { duelProposal, openTestStore, sampleQueue, solo, type TestStore } from "../testing/index.ts";
import { type CommitContext, commitMatches, FencedError } from "./commit-matches.ts";

const duel = sampleQueue();
const party = sampleQueue({ name: "pairs", teams: { count: 2, size: 2 }, maxPartySize: 2 });
const queues = new Map([duel, party].map((queue) => [queue.name, queue]));

let test: TestStore;
let connection: Redis;
beforeAll(async () => {
  test = await openTestStore();
});
afterAll(() => test.stop());
beforeEach(async () => {
  await test.raw.flushall();
  await test.store.holdLease("me", 60_000);
  connection?.disconnect();
  connection = await dedicated();
});

const dedicated = async () => {
  const opened = connectForCommits(test.redis.url, "commit", "main");
  await opened.connect();
  return opened;
};

const context = (changes: Partial<CommitContext> = {}): CommitContext => ({
  connection,
  keys: test.store.keys,
  fence: "me",
  now: test.store.clock.now(),
  retention: test.store.retention,
  queue: (name) => queues.get(name),
  ...changes,
});

const enqueue = (...players: string[]) =>
  test.store.enqueueTickets(
    duel,
    players.map((player) => ({ id: `t_${player}`, request: solo(player) })),
  );

const duelOf = (match: string, ...players: string[]) =>
  duelProposal(
    match,
    players.map((player) => [`t_${player}`, player]),
  );

describe("a commit", () => {
  it("moves all players of the match, ends their tickets and takes them out of every index", async () => {
    await enqueue("ann", "bob");
    expect(await commitMatches(context(), [duelOf("m_1", "ann", "bob")])).toEqual(["committed"]);
    for (const player of ["ann", "bob"]) {
      expect(await test.store.readPlayer(player)).toMatchObject({ state: "inmatch", match: "m_1", tries: 0 });
      expect(await test.store.readTicket(`t_${player}`)).toMatchObject({ status: "matched", match: "m_1" });
    }
    expect(await test.store.readMatch("m_1")).toMatchObject({ state: "live", queue: "duel" });
    expect((await test.store.readSchedule(["duel"], 1)).dueAt.get("duel")).toBe(Infinity);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("counts how long its tickets waited into the queue's statistics", async () => {
    await enqueue("ann", "bob");
    const { createdAt } = (await test.store.readTicket("t_ann")) ?? { createdAt: 0 };
    const proposal = duelOf("m_1", "ann", "bob");
    const tickets = proposal.tickets.map((ticket) => ({ ...ticket, createdAt }));
    expect((await test.store.readQueueStats(["duel"])).get("duel")).toEqual({ depth: 2, openMatches: 0, waitMs: null });
    await commitMatches(context({ now: createdAt + 300 }), [{ ...proposal, tickets }]);
    const waitMs = { p50: 300, p90: 300, p99: 300 };
    expect((await test.store.readQueueStats(["duel"])).get("duel")).toEqual({ depth: 0, openMatches: 0, waitMs });
  });

  it("leaves no more of what commits told of together than so many events", async () => {
    const about = { url: test.redis.url, partition: "main", name: "test-small", clock: systemClock };
    const store = await openStore({ ...about, retention: { events: 50 } });
    const { retention } = store;
    for (let round = 0; round < 20; round++) {
      const players = Array.from({ length: 24 }, (_, n) => `p${round}-${n}`);
      await store.enqueueTickets(
        duel,
        players.map((player) => ({ id: `t_${player}`, request: solo(player) })),
      );
      const proposals = Array.from({ length: 12 }, (_, n) =>
        duelOf(`m_${round}-${n}`, players[2 * n] ?? "", players[2 * n + 1] ?? ""),
      );
      await commitMatches(context({ retention }), proposals);
    }
    await store.close();
    const events = await test.events();
    // It is cut off at whole blocks of the stream.
    expect(events.length).toBeGreaterThanOrEqual(50);
    expect(events.length).toBeLessThan(200);
    expect(events.at(-1)).toMatchObject({ match: "m_19-11" });
  });

  it("drops a proposal whole when one of its players cancelled, and commits the others", async () => {
    await enqueue("ann", "bob", "cat", "dan");
    await test.store.endTicket("t_bob", "cancelled");
    const proposals = [duelOf("m_1", "ann", "bob"), duelOf("m_2", "cat", "dan")];
    expect(await commitMatches(context(), proposals)).toEqual(["conflict", "committed"]);
    expect(await test.store.readPlayer("ann")).toMatchObject({ state: "inqueue", ticket: "t_ann" });
    expect(await test.store.readMatch("m_1")).toBeNull();
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("drops a proposal that was made from another version of a ticket", async () => {
    await enqueue("ann", "bob");
    const old = duelProposal(
      "m_1",
      [
        ["t_ann", "ann"],
        ["t_bob", "bob"],
      ],
      { version: 2 },
    );
    expect(await commitMatches(context(), [old])).toEqual(["conflict"]);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("drops a proposal made from an earlier ticket of the same player", async () => {
    await enqueue("ann", "bob");
    await test.store.endTicket("t_ann", "cancelled");
    await test.store.enqueueTickets(duel, [{ id: "t_ann2", request: solo("ann") }]);
    expect(await commitMatches(context(), [duelOf("m_1", "ann", "bob")])).toEqual(["conflict"]);
  });

  it("matches a ticket once however many proposals of one transaction name it", async () => {
    await enqueue("ann", "bob", "cat");
    const proposals = [duelOf("m_1", "ann", "bob"), duelOf("m_2", "bob", "cat"), duelOf("m_3", "ann", "cat")];
    expect(await commitMatches(context(), proposals)).toEqual(["committed", "conflict", "conflict"]);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("recognises a match that it committed before, as after a lost answer", async () => {
    await enqueue("ann", "bob");
    const proposal = duelOf("m_1", "ann", "bob");
    await commitMatches(context(), [proposal]);
    const before = await test.raw.get(test.store.keys.playerState("ann"));
    expect(await commitMatches(context(), [proposal])).toEqual(["committed"]);
    expect(await test.raw.get(test.store.keys.playerState("ann"))).toBe(before);
  });

  it("keeps parties whole", async () => {
    const players = (...ids: string[]) => ({ players: ids.map((id) => ({ id, elo: 1_000 })) });
    await test.store.enqueueTickets(party, [
      { id: "t_1", request: players("ann", "bob") },
      { id: "t_2", request: players("cat", "dan") },
    ]);
    const proposal = {
      ...duelProposal(
        "m_1",
        [
          ["t_1", "ann"],
          ["t_2", "cat"],
        ],
        { queue: "pairs" },
      ),
      tickets: [
        { id: "t_1", version: 1, tries: 0, createdAt: 0, elo: 1_000, ...players("ann", "bob") },
        { id: "t_2", version: 1, tries: 0, createdAt: 0, elo: 1_000, ...players("cat", "dan") },
      ],
    };
    expect(await commitMatches(context(), [proposal])).toEqual(["committed"]);
    for (const player of ["ann", "bob", "cat", "dan"]) {
      expect(await test.store.readPlayer(player)).toMatchObject({ state: "inmatch", match: "m_1" });
    }
  });
});

describe("a commit into a Redis", () => {
  it("that doesn't know its script, as after a restart, takes effect all the same", async () => {
    await enqueue("ann", "bob", "cat", "dan");
    expect(await commitMatches(context(), [duelOf("m_1", "ann", "bob")])).toEqual(["committed"]);
    await test.raw.script("FLUSH");
    expect(await commitMatches(context(), [duelOf("m_2", "cat", "dan")])).toEqual(["committed"]);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("that is full moves nobody", async () => {
    await enqueue("ann", "bob");
    const before = await test.raw.dbsize();
    await test.raw.config("SET", "maxmemory", "1");
    const committing = commitMatches(context(), [duelOf("m_1", "ann", "bob")]);
    await expect(committing.finally(() => test.raw.config("SET", "maxmemory", "0"))).rejects.toThrow(/EXECABORT/);
    expect(await test.raw.dbsize()).toBe(before);
    expect(await test.store.readPlayer("ann")).toMatchObject({ state: "inqueue", ticket: "t_ann" });
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("in which a key holds what it can't says so, and moves the others of the transaction wholly", async () => {
    await enqueue("ann", "bob", "cat", "dan");
    await test.raw.set(test.store.keys.match("m_1"), "no match");
    const proposals = [duelOf("m_1", "ann", "bob"), duelOf("m_2", "cat", "dan")];
    await expect(commitMatches(context(), proposals)).rejects.toThrow(/WRONGTYPE/);
    expect(await test.store.readMatch("m_2")).toMatchObject({ state: "live", queue: "duel" });
    expect(await test.store.readTicket("t_dan")).toMatchObject({ status: "matched", match: "m_2" });
    await test.raw.del(test.store.keys.match("m_1"));
  });
});

/** A connection on which something happens between the commit's check and its EXEC. */
const interrupted = (between: () => Promise<unknown>): Redis =>
  new Proxy(connection, {
    get: (target, property) => {
      // Bound, since ioredis' methods keep their state in private fields.
      const value = Reflect.get(target, property, target);
      if (property !== "multi") return typeof value === "function" ? value.bind(target) : value;
      return () => {
        const transaction = target.multi();
        const exec = transaction.exec.bind(transaction);
        transaction.exec = async () => {
          await between();
          return exec();
        };
        return transaction;
      };
    },
  });

describe("between the check and EXEC", () => {
  it("a cancel aborts the commit whole", async () => {
    await enqueue("ann", "bob");
    const racing = interrupted(() => test.store.endTicket("t_ann", "cancelled"));
    expect(await commitMatches(context({ connection: racing }), [duelOf("m_1", "ann", "bob")])).toEqual(["aborted"]);
    expect(await test.store.readPlayer("bob")).toMatchObject({ state: "inqueue" });
    expect(await test.store.readMatch("m_1")).toBeNull();
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("another leader's takeover aborts the commit whole: a paused old leader can't commit", async () => {
    await enqueue("ann", "bob");
    const paused = interrupted(async () => {
      await test.raw.del(test.store.keys.moverLease);
      expect(await test.store.holdLease("other", 60_000)).toBe("taken");
    });
    expect(await commitMatches(context({ connection: paused }), [duelOf("m_1", "ann", "bob")])).toEqual(["aborted"]);
    await expect(commitMatches(context(), [duelOf("m_1", "ann", "bob")])).rejects.toThrow(FencedError);
    expect(await test.store.readPlayer("ann")).toMatchObject({ state: "inqueue" });
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("a renewal of the lease does not abort it", async () => {
    await enqueue("ann", "bob");
    const renewed = interrupted(() => test.store.holdLease("me", 60_000));
    expect(await commitMatches(context({ connection: renewed }), [duelOf("m_1", "ann", "bob")])).toEqual(["committed"]);
  });

  it("a lost connection fails the commit: it must not reconnect and commit without its WATCH", async () => {
    await enqueue("ann", "bob");
    const cut = interrupted(async () => {
      const id = await connection.client("ID");
      const closed = new Promise((resolve) => connection.once("close", resolve));
      await test.raw.client("KILL", "ID", id);
      await closed;
      await test.store.endTicket("t_ann", "cancelled");
    });
    await expect(commitMatches(context({ connection: cut }), [duelOf("m_1", "ann", "bob")])).rejects.toThrow();
    expect(await test.store.readPlayer("ann")).toMatchObject({ state: "idle" });
    expect(await test.store.readPlayer("bob")).toMatchObject({ state: "inqueue" });
    expect(connection.status).toBe("end");
    expect(await test.inconsistencies()).toEqual([]);
  });
});

it("a cancel that races a commit gets the one true outcome, thousands of times", async () => {
  const connections = await Promise.all(Array.from({ length: 4 }, dedicated));
  const counts = { cancelled: 0, matched: 0 };
  for (let round = 0; round < 50; round++) {
    const pairs = Array.from({ length: 80 }, (_, n) => [`a${round}-${n}`, `b${round}-${n}`] as const);
    await enqueue(...pairs.flat());
    const commits = connections.map(async (opened, lane) => {
      for (let n = lane; n < pairs.length; n += connections.length) {
        const [a, b] = pairs[n] ?? ["", ""];
        await commitMatches(context({ connection: opened }), [duelOf(`m_${a}`, a, b)]);
      }
    });
    const cancels = pairs.map(async ([a, b], n) => {
      // Spread over the time that the commits take.
      for (let wait = 0; wait < n % 5; wait++) await test.store.ping();
      const outcome = await test.store.endTicket(`t_${a}`, "cancelled");
      return { a, b, outcome };
    });
    const outcomes = await Promise.all(cancels);
    await Promise.all(commits);
    for (const { a, b, outcome } of outcomes) {
      const matched = outcome?.outcome === "matched";
      counts[matched ? "matched" : "cancelled"] += 1;
      const [stateOfA, stateOfB, match] = await Promise.all([
        test.store.readPlayer(a),
        test.store.readPlayer(b),
        test.store.readMatch(`m_${a}`),
      ]);
      expect([stateOfA.state, stateOfB.state, match !== null]).toEqual(
        matched ? ["inmatch", "inmatch", true] : ["idle", "inqueue", false],
      );
    }
  }
  for (const opened of connections) opened.disconnect();
  // Without both outcomes, nothing has raced.
  expect(counts.cancelled).toBeGreaterThan(100);
  expect(counts.matched).toBeGreaterThan(100);
  expect(await test.inconsistencies()).toEqual([]);
}, 60_000);

it("the same ticket in many proposals at once is matched once", async () => {
  const connections = await Promise.all(Array.from({ length: 8 }, dedicated));
  for (let round = 0; round < 100; round++) {
    const rivals = Array.from({ length: 8 }, (_, n) => `r${round}-${n}`);
    await enqueue(`star${round}`, ...rivals);
    const outcomes = await Promise.all(
      rivals.map((rival, n) =>
        commitMatches(context({ connection: connections[n] ?? connection }), [
          duelOf(`m_${rival}`, `star${round}`, rival),
        ]),
      ),
    );
    expect(outcomes.flat().filter((outcome) => outcome === "committed")).toHaveLength(1);
  }
  for (const opened of connections) opened.disconnect();
  expect(await test.inconsistencies()).toEqual([]);
}, 60_000);
