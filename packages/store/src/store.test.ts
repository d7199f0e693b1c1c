import { systemClock } from "@muster/core/service";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eloBucket } from "./keys.ts";
import { openStore } from "./store.ts";
import { openTestStore, sampleQueue, solo, startTestRedis, type TestStore } from "./testing/index.ts";
import { unpackTicket } from "./tickets/pack-ticket.ts";

let test: TestStore;
/** Just before each test. */
let now: number;
beforeAll(async () => {
  test = await openTestStore();
});
afterAll(() => test.stop());
beforeEach(async () => {
  await test.raw.flushall();
  now = test.store.clock.now();
});

const duel = sampleQueue();

const dueAt = async () => (await test.store.readSchedule(["duel"], 1)).dueAt.get("duel");

describe("enqueue", () => {
  it("puts a ticket into every index, and its player into the queue", async () => {
    const [outcome] = await test.store.enqueueTickets(duel, [{ id: "t_1", request: solo("ann", 1_234) }]);
    expect(outcome).toMatchObject({ outcome: "queued", tries: 0 });
    expect(await test.store.readTicket("t_1")).toMatchObject({ status: "queued", version: 1, ...solo("ann", 1_234) });
    expect(await test.store.readPlayer("ann")).toMatchObject({ state: "inqueue", ticket: "t_1", queue: "duel" });
    expect(await test.raw.hexists(test.store.keys.eloBucket("duel", eloBucket(1_234)), "t_1")).toBe(1);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("writes nothing at all when one player of a party is busy, and says who and where", async () => {
    const party = sampleQueue({ teams: { count: 2, size: 2 }, maxPartySize: 2 });
    await test.store.enqueueTickets(party, [{ id: "t_1", request: solo("ann") }]);
    const before = (await test.raw.keys("*")).sort();
    const players = [
      { id: "bob", elo: 1 },
      { id: "ann", elo: 2 },
    ];
    const [outcome] = await test.store.enqueueTickets(party, [{ id: "t_2", request: { players } }]);
    expect(outcome).toMatchObject({ outcome: "busy", players: [{ id: "ann", state: { ticket: "t_1" } }] });
    expect((await test.raw.keys("*")).sort()).toEqual(before);
  });

  it("lets only one of two tickets of the same call have a player", async () => {
    const outcomes = await test.store.enqueueTickets(duel, [
      { id: "t_1", request: solo("ann") },
      { id: "t_2", request: solo("ann") },
    ]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["queued", "busy"]);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("answers a repeated request as the first one, also after the ticket has ended", async () => {
    const ticket = { id: "t_1", request: solo("ann"), digest: "d1" };
    const [first] = await test.store.enqueueTickets(duel, [ticket]);
    await test.store.endTicket("t_1", "cancelled");
    const [again] = await test.store.enqueueTickets(duel, [ticket]);
    expect(again).toEqual({ ...first, outcome: "replayed" });
    expect(await test.store.readPlayer("ann")).toMatchObject({ state: "idle" });
    const [other] = await test.store.enqueueTickets(duel, [{ ...ticket, digest: "d2" }]);
    expect(other).toEqual({ outcome: "conflict" });
  });

  it("takes no more than may wait", async () => {
    const small = sampleQueue({ maxWaiting: 2 });
    const tickets = ["a", "b", "c"].map((id) => ({ id: `t_${id}`, request: solo(id) }));
    const outcomes = await test.store.enqueueTickets(small, tickets);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["queued", "queued", "full"]);
  });

  it("takes no ticket of a call into a Redis that is full", async () => {
    await test.raw.config("SET", "maxmemory", "1");
    const enqueuing = test.store.enqueueTickets(duel, [
      { id: "t_1", request: solo("ann") },
      { id: "t_2", request: solo("bob") },
    ]);
    const refused = enqueuing.finally(() => test.raw.config("SET", "maxmemory", "0"));
    await expect(refused).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(await test.raw.keys("*")).toEqual([]);
  });

  it("is wholly done for each of hundreds of tickets, whatever they share", async () => {
    const tickets = Array.from({ length: 400 }, (_, n) => ({ id: `t_${n}`, request: solo(`p${n % 250}`) }));
    const outcomes = await test.store.enqueueTickets(duel, tickets);
    expect(outcomes.filter(({ outcome }) => outcome === "queued")).toHaveLength(250);
    expect(await test.inconsistencies()).toEqual([]);
  });
});

describe("ending a ticket", () => {
  it("frees its players and keeps the outcome to be read", async () => {
    await test.store.enqueueTickets(duel, [{ id: "t_1", request: solo("ann") }]);
    expect(await test.store.endTicket("t_1", "cancelled")).toEqual({ outcome: "cancelled" });
    expect(await test.store.endTicket("t_1", "cancelled")).toEqual({ outcome: "cancelled" });
    expect(await test.store.readTicket("t_1")).toMatchObject({ status: "cancelled" });
    expect(await test.store.readPlayer("ann")).toMatchObject({ state: "idle", parameters: { id: "ann" } });
    expect(await test.raw.pttl(test.store.keys.ticket("t_1"))).toBeGreaterThan(0);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("says that there is no such ticket", async () => {
    expect(await test.store.endTicket("t_nope", "cancelled")).toBeNull();
  });

  it("raises the player's version each time, also after an idle player was forgotten", async () => {
    const versions: number[] = [];
    for (let round = 0; round < 5; round++) {
      await test.store.enqueueTickets(duel, [{ id: `t_${round}`, request: solo("ann") }]);
      versions.push((await test.store.readPlayer("ann")).version);
      await test.store.endTicket(`t_${round}`, "cancelled");
      versions.push((await test.store.readPlayer("ann")).version);
    }
    await test.raw.del(test.store.keys.playerState("ann"));
    // Nobody is forgotten within a day of his last version; here the clock only has to pass it.
    await expect.poll(() => test.store.clock.now()).toBeGreaterThan(Math.max(...versions));
    await test.store.enqueueTickets(duel, [{ id: "t_last", request: solo("ann") }]);
    versions.push((await test.store.readPlayer("ann")).version);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  });
});

describe("tries", () => {
  const retry = (tries: number, countTry = true) =>
    test.store.retryTickets("duel", [{ id: "t_1", version: 1, elo: 1_000, tries }], {
      dueAt: now + 5_000,
      countTry,
    });
  const seen = async () => {
    const [packed] = await test.store.readRange("duel", { low: 900, high: 1_100, centre: 1_000, limit: 10 });
    return { ticket: (await test.store.readTicket("t_1"))?.tries, range: unpackTicket(packed ?? "").tries };
  };

  it("count in the record and in the range alike, once however many searches served the ticket", async () => {
    await test.store.enqueueTickets(duel, [{ id: "t_1", request: solo("ann") }]);
    await retry(0);
    await retry(0);
    expect(await seen()).toEqual({ ticket: 1, range: 1 });
    await retry(1);
    expect(await seen()).toEqual({ ticket: 2, range: 2 });
    await retry(2, false);
    expect(await seen()).toEqual({ ticket: 2, range: 2 });
    expect(await dueAt()).toBe(now + 5_000);
  });

  it("survive a player's own requeue", async () => {
    await test.store.enqueueTickets(duel, [{ id: "t_1", request: solo("ann") }]);
    for (const tries of [0, 1, 2]) await retry(tries);
    await test.store.endTicket("t_1", "cancelled");
    const [again] = await test.store.enqueueTickets(duel, [{ id: "t_2", request: solo("ann") }]);
    expect(again).toMatchObject({ tries: 3 });
  });

  it("leave a ticket alone that has ended in between", async () => {
    await test.store.enqueueTickets(duel, [{ id: "t_1", request: solo("ann") }]);
    await test.store.endTicket("t_1", "cancelled");
    await retry(0);
    expect(await dueAt()).toBe(Infinity);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("never put a ticket's next try past its deadline", async () => {
    const short = sampleQueue({ expireAfterMs: 2_000 });
    const [outcome] = await test.store.enqueueTickets(short, [{ id: "t_1", request: solo("ann") }]);
    await retry(0);
    expect(outcome?.outcome === "queued" && outcome.expiresAt).toBe(await dueAt());
  });
});

describe("due tickets", () => {
  it("go to one caller only, the longest due first, and come due again when that one does nothing", async () => {
    const ids = Array.from({ length: 40 }, (_, n) => `t_${n}`);
    await test.store.enqueueTickets(
      duel,
      ids.map((id, n) => ({ id, request: solo(`p${n}`) })),
    );
    expect(await test.store.claimDue("duel", 100)).toEqual([]);
    for (const [n, id] of ids.entries()) await test.raw.zadd(test.store.keys.due("duel"), n, id);
    const claimed = await Promise.all([1, 2, 3, 4].map(() => test.store.claimDue("duel", 10)));
    expect(claimed.flat().map(({ id }) => id)).toEqual(ids);
    expect(await test.store.claimDue("duel", 100)).toEqual([]);
    expect(await dueAt()).toBeGreaterThan(now);
  });

  it("are due no more once their record is gone; one that can't be read is left for the doctor", async () => {
    const due = test.store.keys.due("duel");
    await test.store.enqueueTickets(duel, [{ id: "t_here", request: solo("ann") }]);
    await test.raw.set(test.store.keys.ticket("t_broken"), "no hash");
    for (const id of ["t_gone", "t_here", "t_broken"]) await test.raw.zadd(due, 1, id);
    expect((await test.store.claimDue("duel", 10)).map(({ id }) => id)).toEqual(["t_here"]);
    expect((await test.raw.zrange(due, "0", "-1")).sort()).toEqual(["t_broken", "t_here"]);
  });
});

describe("the range", () => {
  it("holds the tickets of its elo and no others, the nearest buckets first", async () => {
    const elos = [700, 940, 990, 1_000, 1_024, 1_030, 1_300];
    await test.store.enqueueTickets(
      duel,
      elos.map((elo) => ({ id: `t_${elo}`, request: solo(`p${elo}`, elo) })),
    );
    const read = async (limit: number) =>
      (await test.store.readRange("duel", { low: 900, high: 1_100, centre: 1_000, limit })).map(
        (packed) => unpackTicket(packed).elo,
      );
    expect((await read(100)).sort((a, b) => a - b)).toEqual([940, 990, 1_000, 1_024, 1_030]);
    expect((await read(2)).sort((a, b) => a - b)).toEqual([1_000, 1_024]);
  });

  it("tells which of the tickets that waited a while ago still do, as they are now", async () => {
    const tickets = [1_000, 1_001, 1_400].map((elo, n) => ({
      id: `t_w${n}`,
      request: { players: [{ id: `w${n}`, elo }] },
    }));
    const outcomes = await test.store.enqueueTickets(duel, tickets);
    const seen = outcomes.flatMap((outcome) => (outcome.outcome === "queued" ? [outcome] : []));
    expect(await test.store.readWaiting("duel", seen)).toEqual(seen.map(({ packed }) => packed));
    await test.store.endTicket("t_w0", "cancelled");
    const retry = { dueAt: test.store.clock.now() + 1_000, countTry: true };
    await test.store.retryTickets("duel", [{ id: "t_w2", version: 1, elo: 1_400, tries: 0 }], retry);
    const [first, second, third] = await test.store.readWaiting("duel", seen);
    expect([first, second]).toEqual([undefined, seen[1]?.packed]);
    expect(third && unpackTicket(third)).toMatchObject({ id: "t_w2", version: 1, tries: 1, elo: 1_400 });
    expect(await test.store.readWaiting("duel", [])).toEqual([]);
  });

  it("takes a sample of a crowd, so that a full bucket costs no more than a filled one", async () => {
    const tickets = Array.from({ length: 1_000 }, (_, n) => ({ id: `t_${n}`, request: solo(`p${n}`) }));
    await test.store.enqueueTickets(duel, tickets);
    const packed = await test.store.readRange("duel", { low: 990, high: 1_010, centre: 1_000, limit: 10_000 });
    expect(new Set(packed.map((text) => unpackTicket(text).id)).size).toBe(128);
  });

  it.each([150, 520, 5_000])(
    "in the end shows everybody of a crowd of %i, and nobody twice at a time",
    async (size) => {
      const tickets = Array.from({ length: size }, (_, n) => ({ id: `t_${n}`, request: solo(`p${n}`) }));
      await test.store.enqueueTickets(duel, tickets);
      const seen = new Set<string>();
      // By chance alone one of 5,000 is missed in 1,000 samples of 128 once in 10^7 times.
      for (let reads = 0; reads < 1_000 && seen.size < size; reads++) {
        const packed = await test.store.readRange("duel", { low: 990, high: 1_010, centre: 1_000, limit: 1 });
        const ids = packed.map((text) => unpackTicket(text).id);
        expect(new Set(ids).size).toBe(128);
        for (const id of ids) seen.add(id);
      }
      expect(seen.size).toBe(size);
    },
  );
});

describe("a Redis that isn't there yet", () => {
  it("is used as soon as it is", async () => {
    const redis = await startTestRedis();
    await redis.kill();
    const store = await openStore({ url: redis.url, partition: "main", name: "early", clock: systemClock });
    await expect(store.ping()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await redis.start();
    await expect
      .poll(() => store.enqueueTickets(duel, [{ id: "t_1", request: solo("ann") }]).catch(() => []), { timeout: 5_000 })
      .toMatchObject([{ outcome: "queued" }]);
    await store.close();
    await redis.stop();
  });
});

describe("the store's clock", () => {
  it("tells Redis' time when the local clock is a minute off, and the local time when they agree", async () => {
    const slow = { now: () => Date.now() - 60_000 };
    const store = await openStore({ url: test.redis.url, partition: "main", name: "slow", clock: slow });
    expect(Math.abs(store.clock.now() - Date.now())).toBeLessThan(1_000);
    await store.close();
    expect(Math.abs(test.store.clock.now() - Date.now())).toBeLessThan(40);
  });
});
