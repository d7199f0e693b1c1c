import { createMatch, type MusterEventType, spectateMatch } from "@muster/core";
import { systemClock } from "@muster/core/service";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eloBucket } from "../keys.ts";
import { commitMatches } from "../matches/commit-matches.ts";
import { parseMatchRecord } from "../matches/match-record.ts";
import { connectForCommits } from "../redis/connect.ts";
import { duelProposal, endOfMatch, openTestStore, sampleQueue, solo, type TestStore } from "../testing/index.ts";
import { addFault, type FaultsLeft } from "./diagnosis.ts";
import { examine } from "./examine.ts";
import type { Fault } from "./fault.ts";
import { type Doctor, openDoctor } from "./open-doctor.ts";
import { PART_SIZE, readParts } from "./read-parts.ts";

const duel = sampleQueue();
const pairs = sampleQueue({ name: "pairs", teams: { count: 2, size: 2 }, maxPartySize: 2 });
const rules = [{ kind: "equal" as const, attribute: "mode", missing: "refuse" as const }];
const ruled = sampleQueue({ name: "ruled", rules });
const queues = new Map([duel, pairs, ruled].map((queue) => [queue.name, queue]));

let test: TestStore;
let doctor: Doctor;
let commits: Redis;

beforeAll(async () => {
  test = await openTestStore();
  const about = { url: test.redis.url, partition: "main", name: "doctor", clock: systemClock };
  doctor = await openDoctor({ ...about, queue: (name) => queues.get(name) });
  commits = connectForCommits(test.redis.url, "commits", "main");
  await commits.connect();
});
afterAll(async () => {
  await doctor?.close();
  commits?.disconnect();
  await test?.stop();
});
beforeEach(async () => {
  await test.raw.flushall();
});

const enqueue = (...players: string[]) =>
  test.store.enqueueTickets(
    duel,
    players.map((player) => ({ id: `t_${player}`, request: solo(player) })),
  );
const commit = async (match: string, ...players: string[]) => {
  await test.store.holdLease("me", 60_000);
  const { keys, retention, clock } = test.store;
  const context = { connection: commits, keys, retention, fence: "me", now: clock.now() };
  const proposal = duelProposal(
    match,
    players.map((player) => [`t_${player}`, player]),
  );
  return commitMatches({ ...context, queue: (name) => queues.get(name) }, [proposal]);
};
const playing = async () => {
  await enqueue("ann", "bob");
  await commit("m_1", "ann", "bob");
};
const bodyOf = async (match: string) => {
  const record = parseMatchRecord(await test.raw.hgetall(test.store.keys.match(match)));
  if (!record) throw new Error(`match ${match} is not there`);
  return record.body;
};
const examined = () => Array.fromAsync(doctor.examine());
const examinedUpTo = async (count: number) => {
  const faults: Fault[] = [];
  for await (const fault of doctor.examine()) {
    faults.push(fault);
    if (faults.length === count) break;
  }
  return faults;
};
const kindsOf = (faults: readonly Fault[]) => faults.map(({ kind, id }) => `${kind} ${id}`).sort();
const mendedEvents = () => eventsOf("mended");
const eventsOf = async (type: MusterEventType) => (await test.events()).filter((event) => event.type === type);

/** Bucket of the sample players' elo. */
const bucket = () => test.store.keys.eloBucket("duel", eloBucket(1_000));

describe("what is mended", () => {
  it.each<[string, () => Promise<unknown>, string[]]>([
    [
      "entries of every index that name nothing",
      async () => {
        const { keys } = test.store;
        await test.raw.hset(bucket(), "t_none", "0 []");
        await test.raw.zadd(keys.due("duel"), 1, "t_none");
        await test.raw.zadd(keys.openByElo("duel"), 1, "m_none");
        await test.raw.hset(keys.openMatches("duel"), "m_none", "[]");
        await test.raw.zadd(keys.matchDue, 1, "m_none");
      },
      [...Array(3).fill("stale-entry m_none"), ...Array(2).fill("stale-entry t_none")],
    ],
    [
      "entries that name what is over",
      async () => {
        await enqueue("ann", "bob", "cat");
        await test.store.endTicket("t_cat", "cancelled");
        await commit("m_1", "ann", "bob");
        await endOfMatch(test.store, "m_1");
        await test.raw.zadd(test.store.keys.due("duel"), 1, "t_cat", 1, "t_ann");
        await test.raw.zadd(test.store.keys.matchDue, 1, "m_1");
      },
      ["stale-entry m_1", "stale-entry t_ann", "stale-entry t_cat"],
    ],
    [
      "a ticket in another bucket than its own",
      async () => {
        await enqueue("ann");
        await test.raw.hset(test.store.keys.eloBucket("duel", 1), "t_ann", "0 []");
      },
      ["stale-entry t_ann"],
    ],
    [
      "a player whose ticket is gone",
      async () => {
        await test.raw.set(test.store.keys.playerState("ann"), "inqueue 7 7 2 t_none 1 - duel");
      },
      ["lost-player ann"],
    ],
    [
      "a player whose ticket was cancelled",
      async () => {
        await enqueue("ann");
        const state = (await test.raw.get(test.store.keys.playerState("ann"))) ?? "";
        await test.store.endTicket("t_ann", "cancelled");
        await test.raw.set(test.store.keys.playerState("ann"), state);
      },
      ["lost-player ann"],
    ],
    [
      "players whose match has ended, is gone, or has others in it",
      async () => {
        await playing();
        const [ann, bob] = await test.raw.mget(["ann", "bob"].map(test.store.keys.playerState));
        await test.raw.set(test.store.keys.playerState("eve"), ann ?? "");
        await endOfMatch(test.store, "m_1");
        await test.raw.set(test.store.keys.playerState("ann"), ann ?? "");
        await test.raw.set(test.store.keys.playerState("dan"), (bob ?? "").replace("m_1", "m_2"));
      },
      ["lost-player ann", "lost-player dan", "lost-player eve"],
    ],
    [
      "a queued ticket that no sweeper finds",
      async () => {
        await enqueue("ann");
        await test.raw.zrem(test.store.keys.due("duel"), "t_ann");
      },
      ["unlisted-ticket t_ann"],
    ],
    [
      "a queued ticket that no search finds",
      async () => {
        await enqueue("ann");
        await test.raw.del(bucket());
      },
      ["unlisted-ticket t_ann"],
    ],
    [
      "a ticket whose player's state names something else",
      async () => {
        const players = ["ann", "bob"].map((id) => ({ id, elo: 1_000 }));
        await test.store.enqueueTickets(pairs, [{ id: "t_1", request: { players } }]);
        await test.raw.del(test.store.keys.playerState("ann"));
        await enqueue("ann");
      },
      ["ticket-without-player t_1"],
    ],
    [
      "a match that was lost with its record",
      async () => {
        await playing();
        await test.raw.del(test.store.keys.match("m_1"), test.store.keys.matchDue);
        await test.raw.del(...["ann", "bob"].map(test.store.keys.playerState));
      },
      ["ticket-without-match t_ann", "ticket-without-match t_bob"],
    ],
    [
      "a ticket that waits for a match which doesn't hold it",
      async () => {
        await playing();
        const key = test.store.keys.match("m_1");
        const { startedAt: _, ...body } = await bodyOf("m_1");
        await test.raw.hset(key, "body", JSON.stringify(body));
        for (const id of ["ann", "bob"])
          await test.raw.hset(test.store.keys.ticket(`t_${id}`), "status", "pending m_1");
        await enqueue("cat");
        await test.store.endTicket("t_cat", "cancelled");
        await test.raw.hset(test.store.keys.ticket("t_cat"), "status", "pending m_1");
      },
      ["ticket-without-match t_cat"],
    ],
    [
      "a match that would never end by itself",
      async () => {
        await playing();
        await test.raw.del(test.store.keys.matchDue);
      },
      ["unlisted-match m_1"],
    ],
    [
      "tickets that searches see as they were, or can't read",
      async () => {
        await enqueue("ann", "bob", "cat");
        const packed = (await test.raw.hget(bucket(), "t_ann")) ?? "";
        await test.raw.hset(bucket(), "t_ann", packed.replace(/^0 /, "7 "), "t_bob", "[]");
        await test.raw.hset(test.store.keys.ticket("t_cat"), "version", 3);
        await test.raw.set(test.store.keys.playerState("cat"), "inqueue 7 7 0 t_cat 3 - duel");
      },
      ["wrong-ticket t_ann", "wrong-ticket t_bob", "wrong-ticket t_cat"],
    ],
    [
      "a player whose state names another version of its ticket, so that no match with it can be committed",
      async () => {
        await enqueue("ann");
        await test.raw.set(test.store.keys.playerState("ann"), "inqueue 7 7 0 t_ann 4 - duel");
      },
      ["wrong-version ann"],
    ],
    [
      "a ticket that searches find although its player is away",
      async () => {
        await enqueue("ann");
        const packed = (await test.raw.hget(bucket(), "t_ann")) ?? "";
        await test.store.markAway((name) => queues.get(name), "ann");
        await test.raw.hset(bucket(), "t_ann", packed);
      },
      ["stale-entry t_ann"],
    ],
    [
      "a player who watches a match that doesn't know it",
      async () => {
        await playing();
        await test.raw.set(test.store.keys.playerState("eve"), "inspector 7 7 0 - - m_1 duel");
      },
      ["lost-player eve"],
    ],
  ])("%s", async (_, plant, expected) => {
    await plant();
    const faults = await examined();
    expect(kindsOf(faults)).toEqual(expected);
    for (const fault of faults) expect(await doctor.mend(fault)).toBe("mended");
    expect(await examined()).toEqual([]);
    expect(await mendedEvents()).toMatchObject(
      faults.map(({ kind, about, id, queue }) => ({ kind, about, id, queue })),
    );
    for (const fault of faults) expect(await doctor.mend(fault)).toBe("gone");
    expect(await mendedEvents()).toHaveLength(faults.length);
  });

  it("is a match that comes due when it should: for what is settled first, not for its end", async () => {
    const hall = sampleQueue({ name: "hall", session: { joinWithinMs: 5_000 } });
    const found = { id: "m_1", teams: [], eloGap: 0, quality: 1 };
    const joinBy = createMatch(hall, found, test.store.clock.now()).startsAt;
    await playing();
    const key = test.store.keys.match("m_1");
    const { startedAt: _, ...body } = await bodyOf("m_1");
    await test.raw.hset(key, "state", "open", "body", JSON.stringify({ ...body, startsAt: joinBy }));
    await test.raw.hset(test.store.keys.ticket("t_ann"), "status", "pending m_1");
    await test.raw.hset(test.store.keys.ticket("t_bob"), "status", "pending m_1");
    await test.raw.del(test.store.keys.matchDue);
    for await (const fault of doctor.examine()) expect(await doctor.mend(fault)).toBe("mended");
    expect(Number(await test.raw.zscore(test.store.keys.matchDue, "m_1"))).toBe(joinBy);
  });

  it("is idle with a higher version, so that its realm is told, and can queue again", async () => {
    await test.raw.set(test.store.keys.playerState("ann"), "inqueue 9999999999999 7 2 t_none 1 - duel");
    for await (const fault of doctor.examine()) await doctor.mend(fault);
    expect(await test.store.readPlayer("ann")).toMatchObject({ state: "idle", version: 10_000_000_000_000, tries: 2 });
    expect(await test.raw.pttl(test.store.keys.playerState("ann"))).toBeGreaterThan(0);
    expect((await enqueue("ann"))[0]).toMatchObject({ outcome: "queued" });
  });

  it("cancels a ticket for good and frees only the players that it still has", async () => {
    const players = ["ann", "bob"].map((id) => ({ id, elo: 1_000 }));
    await test.store.enqueueTickets(pairs, [{ id: "t_1", request: { players } }]);
    await test.raw.del(test.store.keys.playerState("ann"));
    await enqueue("ann");
    for await (const fault of doctor.examine()) await doctor.mend(fault);
    expect(await test.store.readTicket("t_1")).toMatchObject({ status: "cancelled", reason: "mended" });
    expect(await eventsOf("cancelled")).toMatchObject([{ ticket: "t_1", reason: "mended" }]);
    expect(await test.store.readPlayer("ann")).toMatchObject({ state: "inqueue", ticket: "t_ann" });
    expect(await test.store.readPlayer("bob")).toMatchObject({ state: "idle", ticket: "t_1" });
  });

  it("cancels a ticket whose match was lost and frees its players, also where they still play", async () => {
    await playing();
    await test.raw.del(test.store.keys.match("m_1"), test.store.keys.matchDue);
    const fault = (await examined()).find(({ kind, id }) => kind === "ticket-without-match" && id === "t_ann");
    expect(await doctor.mend(fault as Fault)).toBe("mended");
    const ticket = await test.store.readTicket("t_ann");
    expect(ticket).toMatchObject({ status: "cancelled", reason: "mended" });
    expect(ticket?.match).toBeUndefined();
    expect(await test.store.readPlayer("ann")).toMatchObject({ state: "idle", ticket: "t_ann" });
  });

  it("leaves a ticket alone whose match has come back", async () => {
    await playing();
    const fault = { kind: "ticket-without-match", about: "ticket", id: "t_ann", queue: "duel", text: "" } as const;
    expect(await doctor.mend({ ...fault, seen: "matched 1 " })).toBe("gone");
  });

  it("puts a ticket back as searches had found it, and leaves it where its queue isn't known", async () => {
    const request = { ...solo("ann"), attributes: { mode: "ctf", colour: "red" } };
    await test.store.enqueueTickets(ruled, [{ id: "t_ann", request }]);
    const key = test.store.keys.eloBucket("ruled", eloBucket(1_000));
    const before = await test.raw.hget(key, "t_ann");
    await test.raw.hdel(key, "t_ann");
    const [fault] = await examined();
    const stranger = await openDoctor({
      ...{ url: test.redis.url, partition: "main", name: "stranger", clock: systemClock },
      queue: () => undefined,
    });
    expect(await stranger.mend(fault as Fault)).toBe("left");
    await stranger.close();
    expect(await doctor.mend(fault as Fault)).toBe("mended");
    expect(await test.raw.hget(key, "t_ann")).toBe(before);
  });

  it("is left alone when it has changed since it was found", async () => {
    await test.raw.set(test.store.keys.playerState("ann"), "inqueue 7 7 2 t_none 1 - duel");
    const [fault] = await examined();
    await test.raw.set(test.store.keys.playerState("ann"), "inqueue 8 7 2 t_other 1 - duel");
    expect(await doctor.mend(fault as Fault)).toBe("gone");
    expect(await test.raw.get(test.store.keys.playerState("ann"))).toContain("inqueue 8");
  });
});

describe("what is only reported", () => {
  it.each<[string, () => Promise<unknown>, string[]]>([
    [
      "a ticket and a match that nobody ended in time",
      async () => {
        await enqueue("cat");
        await playing();
        await test.raw.hset(test.store.keys.ticket("t_cat"), "expiresAt", 5);
        await test.raw.hset(test.store.keys.match("m_1"), "endsAt", 5);
      },
      ["overdue-match m_1", "overdue-ticket t_cat"],
    ],
    [
      "a player who isn't in the match that has it",
      async () => {
        await playing();
        await test.raw.set(test.store.keys.playerState("bob"), "idle 7 7 0 - - - -");
      },
      ["match-without-player m_1"],
    ],
    [
      "a match that is watched by somebody whose state doesn't name it",
      async () => {
        await playing();
        await test.store.changeMatch(
          "m_1",
          () => duel,
          (_, match) => spectateMatch(match, "eve"),
        );
        await test.raw.del(test.store.keys.playerState("eve"));
      },
      ["match-without-spectator m_1"],
    ],
    [
      "a match whose ready check nobody ended",
      async () => {
        await playing();
        const key = test.store.keys.match("m_1");
        const body = await bodyOf("m_1");
        const { startedAt: _, ...asking } = { ...body, readyBy: 5 };
        await test.raw.hset(key, "state", "forming", "body", JSON.stringify(asking));
        for (const id of ["ann", "bob"]) {
          const state = (await test.raw.get(test.store.keys.playerState(id))) ?? "";
          await test.raw.set(test.store.keys.playerState(id), state.replace("inmatch", "pending"));
          await test.raw.hset(test.store.keys.ticket(`t_${id}`), "status", "pending m_1");
        }
      },
      ["overdue-match m_1"],
    ],
    [
      "an open match that no search finds",
      async () => {
        await playing();
        const body = await bodyOf("m_1");
        const teams = body.teams.map((team) => ({ ...team, open: 1 }));
        await test.raw.hset(test.store.keys.match("m_1"), "state", "open", "body", JSON.stringify({ ...body, teams }));
      },
      ["unlisted-open-match m_1"],
    ],
    [
      "what nobody could have written",
      async () => {
        await test.raw.set(test.store.keys.playerState("ann"), "asleep");
        await test.raw.set(test.store.keys.ticket("t_1"), "a ticket");
        await test.raw.hset(test.store.keys.ticket("t_2"), "in", "duel 1 1 0 {");
        await test.raw.hset(test.store.keys.match("m_1"), "queue", "duel", "state", "live");
      },
      ["unreadable ann", "unreadable m_1", "unreadable t_1", "unreadable t_2"],
    ],
  ])("%s", async (_, plant, expected) => {
    await plant();
    const faults = await examined();
    expect(kindsOf(faults)).toEqual(expected);
    for (const fault of faults) expect(await doctor.mend(fault)).toBe("left");
    expect(kindsOf(await examined())).toEqual(expected);
    expect(await mendedEvents()).toEqual([]);
  });

  it("isn't a match that ended early and was forgotten before its tickets were", async () => {
    await playing();
    const long = test.store.clock.now() - 3_700_000;
    await test.raw.hset(test.store.keys.ticket("t_ann"), "status", `matched m_1 ${long}`);
    await test.raw.hset(test.store.keys.ticket("t_bob"), "status", `matched m_1 ${long}`);
    await endOfMatch(test.store, "m_1");
    await test.raw.del(test.store.keys.match("m_1"));
    expect(await examined()).toEqual([]);
  });
});

it("reads a partition part by part, however much waits in one place", async () => {
  const players = Array.from({ length: 2_000 }, (_, n) => `p${n}`);
  for (let start = 0; start < players.length; start += 500) await enqueue(...players.slice(start, start + 500));
  const seen = { index: 0, ticket: 0, player: 0, match: 0 };
  for await (const { about, read } of readParts({ redis: test.raw, keys: test.store.keys, watch: false })) {
    const { entries, tickets, players, matches } = read;
    // Of one kind a part, with the record, state or two entries that each of them names.
    expect(Math.max(tickets.size, players.size, matches.size, entries.length / 2)).toBeLessThanOrEqual(PART_SIZE);
    seen[about] += { index: entries.length, ticket: tickets.size, player: players.size, match: matches.size }[about];
  }
  // SCAN may name what it has named before.
  expect(seen.index).toBeGreaterThanOrEqual(4_000);
  expect(Math.min(seen.ticket, seen.player)).toBeGreaterThanOrEqual(2_000);
});

it("tells of a fault, and mends it, while the rest is still to be read", async () => {
  const players = Array.from({ length: 7_000 }, (_, n) => `p${n}`);
  const lost = "inqueue 7 7 2 t_none 1 - duel";
  await test.raw.mset(new Map(players.map((player) => [test.store.keys.playerState(player), lost])));
  const [first] = await examinedUpTo(1);
  expect(await doctor.mend(first as Fault)).toBe("mended");
  let mended = 1;
  for await (const fault of doctor.examine()) if ((await doctor.mend(fault)) === "mended") mended += 1;
  expect(mended).toBe(players.length);
}, 60_000);

it("stops looking when it is told to", async () => {
  await enqueue("ann");
  const stop = new AbortController();
  stop.abort(new Error("closing"));
  await expect(Array.fromAsync(doctor.examine(stop.signal))).rejects.toThrow("closing");
});

it("raises no false alarm while players come, go and are matched", async () => {
  const until = performance.now() + 2_500;
  let moved = 0;
  const churn = async (lane: number) => {
    for (let n = 0; performance.now() < until; n++) {
      const [ann, bob, cat] = ["a", "b", "c"].map((name) => `${name}${lane}-${n % 3}`) as [string, string, string];
      const id = (player: string) => `t_${player}-${n}`;
      await test.store.enqueueTickets(
        duel,
        [ann, bob, cat].map((player) => ({ id: id(player), request: solo(player) })),
      );
      await test.store.endTicket(id(cat), "cancelled");
      await test.store.holdLease("me", 60_000);
      const { keys, retention, clock } = test.store;
      const proposal = duelProposal(`m_${lane}-${n}`, [
        [id(ann), ann],
        [id(bob), bob],
      ]);
      const connection = connections[lane];
      if (!connection) throw new Error("a connection for each lane");
      await commitMatches(
        { connection, keys, retention, fence: "me", now: clock.now(), queue: (name) => queues.get(name) },
        [proposal],
      );
      await endOfMatch(test.store, proposal.id);
      moved += 3;
    }
  };
  const connections = await Promise.all(
    [0, 1, 2, 3].map(async (lane) => {
      const connection = connectForCommits(test.redis.url, `lane-${lane}`, "main");
      await connection.connect();
      return connection;
    }),
  );
  const looks: Fault[][] = [];
  let suspected = 0;
  const look = async () => {
    while (performance.now() < until) {
      suspected += (await Array.fromAsync(examine({ redis: test.raw, keys: test.store.keys }))).flat().length;
      looks.push(await examined());
    }
  };
  await Promise.all([look(), ...connections.map((_, lane) => churn(lane))]);
  for (const connection of connections) connection.disconnect();
  expect(looks.flat()).toEqual([]);
  expect(looks.length).toBeGreaterThan(0);
  // Else nothing moved while it was read, and the three looks were not put to the test.
  expect(suspected).toBeGreaterThan(0);
  expect(moved).toBeGreaterThan(50);
  expect(await test.inconsistencies()).toEqual([]);
}, 20_000);

it("what it tells is kept for who asks, in place of what it told before", async () => {
  expect(await test.store.readDiagnosis()).toBeUndefined();
  const left: FaultsLeft = { count: 0, told: [] };
  for (let n = 0; n < 30; n++) addFault(left, { text: `fault ${n}` });
  await doctor.tell(left);
  expect(await test.store.readDiagnosis()).toMatchObject({ faults: 30, told: { length: 20, 0: "fault 0" } });
  await doctor.tell({ count: 0, told: [] });
  expect(await test.store.readDiagnosis()).toMatchObject({ faults: 0, told: [] });
  await test.raw.set(test.store.keys.diagnosis, '{"newer":true}');
  expect(await test.store.readDiagnosis()).toBeUndefined();
});
