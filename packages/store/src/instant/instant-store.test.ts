import { endMatch, INSTANT_DEFAULTS, type Match, playersOf } from "@muster/core";
import { systemClock, systemIds } from "@muster/core/service";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openStore, type Store } from "../store.ts";
import { openTestStore, type TestStore } from "../testing/open-test-store.ts";
import { anyEntry, sampleInstantQueue } from "../testing/sample-instant.ts";
import { sampleQueue, solo } from "../testing/sample-tickets.ts";

const queue = sampleInstantQueue({ avoidLast: 2 });
let test: TestStore;
let store: Store;
beforeAll(async () => {
  test = await openTestStore();
  store = test.store;
});
afterAll(() => test?.stop());
beforeEach(async () => {
  await test.raw.flushall();
});

const enter = async (user: string, alias = `a${user}`) => {
  const outcome = await store.instant.enter(queue, user, systemIds.ticket(), anyEntry(alias));
  if (outcome.outcome !== "waiting") throw new Error(`${user} doesn't wait but is ${outcome.outcome}`);
  return { user, alias, ticket: outcome.ticket.id };
};
const session = () => ({ id: systemIds.match(), room: "room", secret: systemIds.token() });
const claim = (claimer: Awaited<ReturnType<typeof enter>>, claimed: typeof claimer, by = store) =>
  by.instant.claim(queue, claimer, claimed, session());
const end = (match: Match) =>
  store.changeMatch(
    match.id,
    () => queue,
    (_, current, now) => endMatch(current, {}, now),
  );

describe("a request for an instant match", () => {
  it("is a ticket like any other: read, told of the player, and cancelled", async () => {
    const { ticket } = await enter("ann");
    expect(await store.readTicket(ticket)).toMatchObject({
      queue: "instant",
      status: "queued",
      players: [{ id: "ann" }],
    });
    expect(await store.readPlayer("ann")).toMatchObject({ state: "inqueue", queue: "instant", ticket });
    expect(await test.inconsistencies()).toEqual([]);
    expect(await store.endTicket(ticket, "cancelled")).toEqual({ outcome: "cancelled" });
    expect(await store.readPlayer("ann")).toMatchObject({ state: "idle" });
    expect(await store.instant.waitingTickets()).toEqual(new Map());
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("made again changes the ticket: its old alias names nobody any more", async () => {
    const old = await enter("ann", "old");
    const outcome = await store.instant.enter(queue, "ann", systemIds.ticket(), anyEntry("new"));
    expect(outcome).toMatchObject({ outcome: "waiting", ticket: { id: old.ticket }, replaced: "old" });
    const bob = await enter("bob");
    expect(await claim(bob, old)).toEqual({ outcome: "gone", who: "claimed" });
    expect(await claim(bob, { ...old, alias: "new" })).toMatchObject({ outcome: "session" });
  });

  it("is refused to who is in a queue, and keeps who waits out of the queues", async () => {
    const duel = sampleQueue();
    await store.enqueueTickets(duel, [{ id: "t_duel", request: solo("ann") }]);
    expect(await store.instant.enter(queue, "ann", "t_1", anyEntry("a"))).toMatchObject({
      ...{ outcome: "busy", state: { state: "inqueue", queue: "duel" } },
    });
    await enter("bob");
    const [busy] = await store.enqueueTickets(duel, [{ id: "t_2", request: solo("bob") }]);
    expect(busy).toMatchObject({ outcome: "busy" });
  });

  it("is refused when as many wait as may", async () => {
    const small = sampleInstantQueue({ maxWaiting: 2 });
    for (const user of ["ann", "bob"]) await store.instant.enter(small, user, systemIds.ticket(), anyEntry(user));
    expect(await store.instant.enter(small, "cat", "t_3", anyEntry("cat"))).toEqual({ outcome: "full" });
  });
});

describe("a claim", () => {
  it("makes a match of the two, who are inmatch until it ends", async () => {
    const [ann, bob] = [await enter("ann"), await enter("bob")];
    const outcome = await claim(ann, bob);
    if (outcome.outcome !== "session") throw new Error("no session");
    const { match } = outcome;
    expect(await store.readMatch(match.id)).toEqual(match);
    expect(match).toMatchObject({ queue: "instant", state: "live", instant: { room: "room" } });
    expect(playersOf(match).map(({ id }) => id)).toEqual(["ann", "bob"]);
    for (const { user, ticket } of [ann, bob]) {
      expect(await store.readPlayer(user)).toMatchObject({ state: "inmatch", match: match.id, ticket });
      expect(await store.readTicket(ticket)).toMatchObject({ status: "matched", match: match.id });
      expect(await store.endTicket(ticket, "cancelled")).toEqual({ outcome: "matched", match: match.id });
    }
    expect(await test.inconsistencies()).toEqual([]);
    await end(match);
    expect(await store.readPlayer("ann")).toMatchObject({ state: "idle" });
    const { avoidForMs } = INSTANT_DEFAULTS;
    expect(await store.instant.partners("ann")).toEqual({ bob: match.createdAt + avoidForMs });
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("of who is gone, away, in a match or unknown changes nothing", async () => {
    const [ann, bob] = [await enter("ann"), await enter("bob")];
    const strange = { ...bob, alias: "other" };
    const missing = { ...bob, ticket: "t_other" };
    for (const other of [strange, missing]) {
      expect(await claim(ann, other)).toEqual({ outcome: "gone", who: "claimed" });
      expect(await claim(other, ann)).toEqual({ outcome: "gone", who: "claimer" });
    }
    await store.markAway(() => queue, "bob");
    expect(await claim(ann, bob)).toEqual({ outcome: "gone", who: "claimed" });
    await store.markBack(() => queue, "bob");
    expect(await claim(ann, bob)).toMatchObject({ outcome: "session" });
    const cat = await enter("cat");
    expect(await claim(cat, bob)).toEqual({ outcome: "gone", who: "claimed" });
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("of oneself is refused", async () => {
    const ann = await enter("ann");
    await expect(claim(ann, ann)).rejects.toThrow("themselves");
    expect(await store.readPlayer("ann")).toMatchObject({ state: "inqueue" });
  });

  it("remembers only the last partners", async () => {
    for (const other of ["bob", "cat", "dan"]) {
      const outcome = await claim(await enter("ann"), await enter(other));
      if (outcome.outcome === "session") await end(outcome.match);
    }
    expect(Object.keys(await store.instant.partners("ann")).sort()).toEqual(["cat", "dan"]);
    expect(await test.raw.pttl(store.keys.partners("ann"))).toBeGreaterThan(0);
  });

  it("remembers each partner for its own time", async () => {
    const clock = { time: systemClock.now(), now: () => clock.time };
    const later = await openStore({ url: test.redis.url, partition: "main", name: "later", clock });
    try {
      for (const other of ["bob", "cat"]) {
        const outcome = await claim(await enter("ann"), await enter(other), later);
        if (outcome.outcome === "session") await end(outcome.match);
        clock.time += 600_000;
      }
      expect(Object.keys(await later.instant.partners("ann")).sort()).toEqual(["cat"]);
      clock.time += 600_000;
      expect(await later.instant.partners("ann")).toEqual({});
    } finally {
      await later.close();
    }
  });

  it("that races a cancel, a change or a lost connection takes both users or none", async () => {
    const outcomes = new Map<string, number>();
    for (let round = 0; round < 300; round++) {
      const [ann, bob] = [await enter(`ann${round}`), await enter(`bob${round}`)];
      const rivals: (() => Promise<unknown>)[] = [
        () => store.endTicket(bob.ticket, "cancelled"),
        () => store.instant.enter(queue, bob.user, systemIds.ticket(), anyEntry(`new${round}`)),
        () => store.markAway(() => queue, bob.user),
      ];
      const [outcome] = await Promise.all([claim(ann, bob), rivals[round % 3]?.()]);
      const key = outcome.outcome === "gone" ? `gone ${outcome.who}` : outcome.outcome;
      outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
      const [one, other] = [await store.readPlayer(ann.user), await store.readPlayer(bob.user)];
      expect(one.state === "inmatch").toBe(outcome.outcome === "session");
      expect(other.state === "inmatch").toBe(outcome.outcome === "session");
    }
    expect(await test.inconsistencies()).toEqual([]);
    expect([...outcomes.keys()].every((key) => key === "session" || key === "gone claimed")).toBe(true);
  });
});

describe("many who claim the same newcomer", { timeout: 120_000 }, () => {
  const CLAIMERS = 50;
  const ROUNDS = 1_000;

  it(`from connections of their own: exactly one session each time, ${ROUNDS} times`, async () => {
    const open = () => openStore({ url: test.redis.url, partition: "main", name: "claimer", clock: systemClock });
    const stores = await Promise.all(Array.from({ length: CLAIMERS }, open));
    try {
      const waiting = await Promise.all(Array.from({ length: CLAIMERS }, (_, n) => enter(`w${n}`)));
      const winners = new Set<string>();
      for (let round = 0; round < ROUNDS; round++) {
        const newcomer = await enter(`n${round}`);
        const outcomes = await Promise.all(waiting.map((each, n) => claim(each, newcomer, stores[n])));
        const won = outcomes.flatMap(({ outcome }, n) => (outcome === "session" ? [n] : []));
        expect(won).toHaveLength(1);
        const lost = outcomes.filter(({ outcome }) => outcome === "gone");
        expect(lost).toEqual(Array(CLAIMERS - 1).fill({ outcome: "gone", who: "claimed" }));
        const [winner = 0] = won;
        winners.add(waiting[winner]?.user ?? "");
        waiting[winner] = await enter(`r${round}`);
      }
      expect(await test.raw.zcard(store.keys.matchDue)).toBe(ROUNDS);
      expect((await store.instant.waitingTickets()).size).toBe(CLAIMERS);
      expect(winners.size).toBeGreaterThan(1);
      expect(await test.inconsistencies()).toEqual([]);
    } finally {
      await Promise.all(stores.map((each) => each.close()));
    }
  });
});
