import {
  acceptMatch,
  declineMatch,
  endMatch,
  joinMatch,
  leaveMatch,
  type Match,
  type MatchChange,
  type Queue,
  settleMatch,
  spectateMatch,
} from "@muster/core";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectForCommits } from "../redis/connect.ts";
import { commitAll, openTestStore, proposalFor, sampleQueue, solo, type TestStore } from "../testing/index.ts";
import { unpackTicket } from "../tickets/pack-ticket.ts";

const coolDown = { firstMs: 10_000, maxMs: 15_000, forgetAfterMs: 60_000 };
const asked = sampleQueue({ name: "asked", readyCheck: { withinMs: 5_000, coolDown } });
const hall = sampleQueue({
  ...{ name: "hall", backfill: true, leaveCoolDownMs: 30_000, session: { joinWithinMs: 5_000 } },
  teams: { count: 1, size: 4, minSize: 2 },
});
/** One may decline its matches, and leave them. */
const severe = sampleQueue({ name: "severe", readyCheck: { withinMs: 5_000, coolDown }, leaveCoolDownMs: 5_000 });
const crowd = sampleQueue({ name: "crowd", teams: { count: 1, size: 100 }, readyCheck: { withinMs: 5_000 } });
const queues = new Map([asked, hall, severe, crowd].map((queue) => [queue.name, queue]));

/** How far the test has moved its clock ahead. */
let aheadMs = 0;
let test: TestStore;
let connection: Redis;
beforeAll(async () => {
  test = await openTestStore({ now: () => Date.now() + aheadMs });
  connection = connectForCommits(test.redis.url, "commit", "main");
  await connection.connect();
});
afterAll(async () => {
  connection.disconnect();
  await test.stop();
});
beforeEach(async () => {
  aheadMs = 0;
  await test.raw.flushall();
  await test.store.holdLease("me", 3_600_000);
});

const ticketOf = async (player: string) => {
  const ticket = await test.store.readTicket(`t_${player}`);
  if (!ticket) throw new Error(`no ticket of ${player}`);
  return ticket;
};
const enqueue = async (queue: Queue, ...players: string[]) =>
  test.store.enqueueTickets(
    queue,
    players.map((player) => ({ id: `t_${player}`, request: solo(player) })),
  );
/** A match m of these players. */
const matched = async (queue: Queue, ...players: string[]) => {
  await enqueue(queue, ...players);
  const proposal = proposalFor(queue, "m", await Promise.all(players.map(ticketOf)));
  expect(await commitAll(test.store, connection, queues, [proposal])).toEqual(["committed"]);
};
type Decide = (queue: Queue, match: Match, now: number) => MatchChange | undefined;
const change = (decide: Decide) => test.store.changeMatch("m", (name) => queues.get(name), decide);
const does = (operation: (queue: Queue, match: Match, player: string, now: number) => MatchChange | undefined) => {
  return (player: string) => change((queue, match, now) => operation(queue, match, player, now));
};
const [accept, decline, join, leave] = [does(acceptMatch), does(declineMatch), does(joinMatch), does(leaveMatch)];
const settle = () => change(settleMatch);
const stateOf = async (player: string) => (await test.store.readPlayer(player)).state;
const due = async () => (await test.store.readSchedule([], 10)).matchesDue;
const inRange = async (queue: Queue) =>
  (await test.store.readRange(queue.name, { low: 0, high: 2_000, centre: 1_000, limit: 100 })).map(unpackTicket);
const types = async () => (await test.events()).map(({ type }) => type);
const sound = async () => expect(await test.inconsistencies()).toEqual([]);

describe("a ready check", () => {
  it("keeps its players pending until all have accepted", async () => {
    await matched(asked, "ann", "bob");
    expect(await stateOf("ann")).toBe("pending");
    expect(await ticketOf("ann")).toMatchObject({ status: "pending", match: "m" });
    await sound();
    await accept("ann");
    expect(await stateOf("ann")).toBe("pending");
    expect(await accept("bob")).toMatchObject({ state: "live" });
    expect(await stateOf("ann")).toBe("inmatch");
    expect(await ticketOf("bob")).toMatchObject({ status: "matched", match: "m" });
    expect(await types()).toEqual(["led", "queued", "queued", "matched", "accepted", "accepted", "started"]);
    await sound();
  });

  it("sends who accepted back to its place in the queue, with its tries and time, when another declines", async () => {
    await enqueue(asked, "ann", "dan");
    const tried = { id: "t_ann", version: 1, elo: 1_000, tries: 0 };
    await test.store.retryTickets("asked", [tried], { dueAt: 0, countTry: true });
    const before = await ticketOf("ann");
    aheadMs += 3_000;
    await commitAll(test.store, connection, queues, [proposalFor(asked, "m", [before, await ticketOf("dan")])]);
    await accept("ann");
    await decline("dan");
    const after = await ticketOf("ann");
    expect(after).toMatchObject({ status: "queued", createdAt: before.createdAt, tries: 1, version: 2 });
    expect(after.match).toBeUndefined();
    expect(after.expiresAt).toBeGreaterThanOrEqual(before.expiresAt);
    expect(await inRange(asked)).toMatchObject([{ id: "t_ann", version: 2, tries: 1, createdAt: before.createdAt }]);
    expect(await test.store.claimDue("asked", 10)).toMatchObject([{ id: "t_ann" }]);
    expect(await test.store.readPlayer("ann")).toMatchObject({ state: "inqueue", ticketVersion: 2, tries: 1 });
    expect(await ticketOf("dan")).toMatchObject({ status: "cancelled", reason: "declined" });
    expect(await stateOf("dan")).toBe("idle");
    await sound();
  });

  it("is over at its deadline, which survives whoever kept it", async () => {
    await matched(asked, "ann", "bob");
    await accept("ann");
    expect(await due()).toEqual([]);
    aheadMs += 5_000;
    expect(await due()).toEqual(["m"]);
    expect(await settle()).toMatchObject({ state: "ended", dissolved: "silent" });
    expect([await stateOf("ann"), await stateOf("bob")]).toEqual(["inqueue", "idle"]);
    expect(await types()).toEqual([
      "led",
      "queued",
      "queued",
      "matched",
      "accepted",
      "dissolved",
      "queued",
      "cancelled",
    ]);
    expect(await due()).toEqual([]);
    await sound();
  });

  it("cools down who declines, longer each time, and forgets it", async () => {
    const declined = async (round: number): Promise<number> => {
      await matched(asked, `ann${round}`, "bob");
      await decline("bob");
      await test.raw.del(test.store.keys.ticket("t_bob"));
      await test.raw.del(test.store.keys.match("m"));
      const [outcome] = await enqueue(asked, "bob");
      if (outcome?.outcome !== "cooling") throw new Error(`bob is ${outcome?.outcome}`);
      expect(await stateOf("bob")).toBe("idle");
      return Math.round((outcome.players[0]?.untilMs ?? 0) - test.store.clock.now());
    };
    const waits: number[] = [];
    for (let round = 0; round < 3; round++) {
      waits.push(await declined(round));
      aheadMs += 16_000;
    }
    expect(waits.map((ms) => Math.ceil(ms / 1_000))).toEqual([10, 15, 15]);
    expect(await test.raw.pttl(test.store.keys.coolDown("bob"))).toBeGreaterThan(60_000);
    await test.raw.del(test.store.keys.coolDown("bob"));
    expect((await enqueue(asked, "bob"))[0]?.outcome).toBe("queued");
  });

  it("is remembered for as long, also when a cool-down for leaving comes after it", async () => {
    await matched(severe, "ann", "bob");
    await decline("bob");
    const key = test.store.keys.coolDown("bob");
    const remembered = await test.raw.pttl(key);
    aheadMs += 16_000;
    await test.store.endTicket("t_ann", "cancelled");
    await test.raw.del(...["t_ann", "t_bob"].map(test.store.keys.ticket), test.store.keys.match("m"));
    await matched(severe, "ann", "bob");
    await accept("ann");
    await accept("bob");
    await leave("bob");
    expect((await enqueue(severe, "cat", "bob")).map(({ outcome }) => outcome)).toEqual(["queued", "cooling"]);
    expect(await test.raw.get(key)).toMatch(/ 1$/);
    expect(await test.raw.pttl(key)).toBeGreaterThan(remembered - 10_000);
  });

  it("has one outcome when an acceptance and a refusal race", async () => {
    for (let round = 0; round < 50; round++) {
      await test.raw.flushall();
      await test.store.holdLease("me", 3_600_000);
      await matched(asked, "ann", "bob");
      await accept("ann");
      const [accepted, declined] = await Promise.allSettled([accept("bob"), decline("ann")]);
      expect([accepted.status, declined.status].filter((status) => status === "fulfilled")).toHaveLength(1);
      const match = await test.store.readMatch("m");
      expect(match?.state).toBe(accepted.status === "fulfilled" ? "live" : "ended");
      await sound();
    }
  });

  it("is passed by a hundred players who accept at the same time", async () => {
    const players = Array.from({ length: 100 }, (_, index) => `p${index}`);
    await matched(crowd, ...players);
    const answers = await Promise.all(players.map(accept));
    expect(answers.filter((match) => match?.state === "live")).toHaveLength(1);
    expect(await stateOf("p99")).toBe("inmatch");
    await sound();
  });

  it("is not joined by a proposal from before it dissolved", async () => {
    await matched(asked, "ann", "bob");
    await accept("ann");
    const old = proposalFor(asked, "m2", [await ticketOf("ann"), await ticketOf("bob")]);
    await decline("bob");
    expect(await commitAll(test.store, connection, queues, [old])).toEqual(["conflict"]);
    await sound();
  });
});

describe("a session", () => {
  it("waits for its players, begins with those who came, and has the others' places filled", async () => {
    await matched(hall, "ann", "bob", "cat");
    expect(await test.store.readMatch("m")).toMatchObject({ state: "open", joined: 0, teams: [{ open: 1 }] });
    expect(await ticketOf("cat")).toMatchObject({ status: "pending" });
    await join("ann");
    await join("bob");
    aheadMs += 5_000;
    await settle();
    expect(await settle()).toMatchObject({ state: "open", joined: 2, teams: [{ open: 2 }], left: [{ id: "cat" }] });
    expect(await stateOf("cat")).toBe("idle");
    expect(await ticketOf("cat")).toMatchObject({ status: "cancelled", reason: "noShow" });
    expect(await ticketOf("ann")).toMatchObject({ status: "matched" });
    await sound();

    await enqueue(hall, "dan");
    const { version = 0 } = (await test.store.readMatch("m")) ?? {};
    const joining = { ...proposalFor(hall, "m", [await ticketOf("dan")]), join: { version } };
    expect(await commitAll(test.store, connection, queues, [joining])).toEqual(["committed"]);
    expect(await ticketOf("dan")).toMatchObject({ status: "matched" });
    await sound();
    aheadMs += 5_000;
    expect(await due()).toEqual(["m"]);
    expect(await settle()).toMatchObject({ left: [{ id: "cat" }, { id: "dan", reason: "noShow" }] });
    await sound();
  });

  it("dissolves with everybody who came back at the front, when too few did", async () => {
    await matched(hall, "ann", "bob", "cat");
    await join("ann");
    aheadMs += 5_000;
    await settle();
    expect(await settle()).toMatchObject({ state: "ended", dissolved: "tooFew" });
    expect([await stateOf("ann"), await stateOf("bob")]).toEqual(["inqueue", "idle"]);
    expect(await test.store.readOpenMatches("hall", { low: 0, high: 2_000, centre: 1_000 })).toEqual([]);
    await sound();
  });

  it("frees who leaves at once, and cools it down when the match had begun", async () => {
    await matched(hall, "ann", "bob");
    await leave("bob");
    expect((await enqueue(hall, "bob"))[0]?.outcome).toBe("queued");
    await test.store.endTicket("t_bob", "cancelled");
    await test.raw.del(test.store.keys.match("m"));
    await test.raw.flushall();
    await test.store.holdLease("me", 3_600_000);
    await matched(hall, "ann", "bob", "cat");
    for (const player of ["ann", "bob", "cat"]) await join(player);
    await leave("bob");
    await test.raw.del(test.store.keys.ticket("t_bob"));
    expect((await enqueue(hall, "bob"))[0]?.outcome).toBe("cooling");
    await sound();
  });

  it("is watched by idle players only, who are idle again after it", async () => {
    await matched(hall, "ann", "bob");
    const watch = (player: string) => change((_, match) => spectateMatch(match, player));
    await watch("eve");
    expect(await test.store.readPlayer("eve")).toMatchObject({ state: "inspector", match: "m" });
    expect((await enqueue(hall, "eve"))[0]?.outcome).toBe("busy");
    await enqueue(hall, "fay");
    await expect(watch("fay")).rejects.toMatchObject({ code: "PLAYER_BUSY" });
    await sound();
    await watch("gus");
    await leave("gus");
    expect(await stateOf("gus")).toBe("idle");
    for (const player of ["ann", "bob"]) await join(player);
    await change((_, match, now) => endMatch(match, { scores: { ann: 2 } }, now));
    expect([await stateOf("eve"), await stateOf("ann")]).toEqual(["idle", "idle"]);
    expect((await test.store.readMatch("m"))?.teams[0]?.players).toMatchObject([
      { id: "ann", presence: "PLAYED", score: 2 },
      { id: "bob", presence: "PLAYED" },
    ]);
    await sound();
  });

  it("takes how it went later than its end, and nothing else of it changes", async () => {
    await matched(hall, "ann", "bob");
    for (const player of ["ann", "bob"]) await join(player);
    await change((_, match, now) => endMatch(match, {}, now));
    const ended = await test.store.readMatch("m");
    await test.raw.del(test.store.keys.ticket("t_ann"));
    await enqueue(hall, "ann");
    aheadMs += 1_000;
    await change((_, match, now) => endMatch(match, { scores: { ann: 2 } }, now));
    const [team] = ended?.teams ?? [];
    expect(await test.store.readMatch("m")).toEqual({
      ...ended,
      reported: true,
      teams: [{ ...team, players: [{ ...team?.players[0], score: 2 }, team?.players[1]] }],
    });
    expect(await stateOf("ann")).toBe("inqueue");
    expect((await types()).slice(-3)).toEqual(["ended", "queued", "reported"]);
    expect(await due()).toEqual([]);
    await sound();
  });

  it("writes ratings with its end, once, and not over newer ones", async () => {
    await matched(hall, "ann", "bob");
    for (const player of ["ann", "bob"]) await join(player);
    const key = test.store.keys.ratings("ann");
    let asks = 0;
    const end = (was: string) =>
      test.store.changeMatch(
        "m",
        (name) => queues.get(name),
        async (_, match, now) => {
          const ended = endMatch(match, {}, now);
          const read = (await test.raw.hget(key, "hall")) ?? "";
          // Somebody else writes between this one's reading and its end.
          if (asks++ === 0) await test.raw.hset(key, "hall", was);
          return ended && { ...ended, ratings: [{ player: "ann", was: read, text: `${read}+1` }] };
        },
      );
    await end("7");
    expect([await test.raw.hget(key, "hall"), asks]).toEqual(["7+1", 2]);
    await end("9");
    expect(await test.raw.hget(key, "hall")).toBe("7+1");
  });
});
