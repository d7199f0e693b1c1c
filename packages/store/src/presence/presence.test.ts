import { acceptMatch, playersOf, settleMatch } from "@muster/core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { commitMatches } from "../matches/commit-matches.ts";
import { connectForCommits } from "../redis/connect.ts";
import { duelProposal, openTestStore, sampleQueue, solo, type TestStore } from "../testing/index.ts";
import { unpackTicket } from "../tickets/pack-ticket.ts";

const duel = sampleQueue({ graceMs: 5_000 });
const asked = sampleQueue({ name: "asked", graceMs: 5_000, readyCheck: { withinMs: 10_000 } });
const pairs = sampleQueue({ name: "pairs", teams: { count: 2, size: 2 }, maxPartySize: 2 });
const queues = new Map([duel, asked, pairs].map((queue) => [queue.name, queue]));
const queueOf = (name: string) => queues.get(name);

/** How far the test has moved its clock ahead. */
let aheadMs = 0;
let test: TestStore;
beforeAll(async () => {
  test = await openTestStore({ now: () => Date.now() + aheadMs });
});
afterAll(() => test.stop());
beforeEach(async () => {
  aheadMs = 0;
  await test.raw.flushall();
});

const enqueue = (...players: string[]) =>
  test.store.enqueueTickets(
    duel,
    players.map((player) => ({ id: `t_${player}`, request: solo(player) })),
  );
const connect = (token: string, ...players: string[]) => test.store.connectPlayers(queueOf, token, players);
const drop = (token: string, ...players: string[]) => test.store.disconnectPlayers(queueOf, token, players);
const matchOf = async (id: string) => {
  const match = await test.store.readMatch(id);
  if (!match) throw new Error(`no match ${id}`);
  return match;
};
const inRange = async (queue = "duel") => {
  const packed = await test.store.readRange(queue, { low: 900, high: 1_100, centre: 1_000, limit: 100 });
  return packed.map(unpackTicket);
};
const events = async () => {
  const told = (await test.events()).filter(({ type }) => type !== "queued" && type !== "led");
  return told.map((event) => `${event.type} ${"player" in event ? event.player : ""}`);
};
const commit = async (match: string, players: readonly string[], version = 1, queue = "duel") => {
  const connection = connectForCommits(test.redis.url, "commit", "main");
  await connection.connect();
  await test.store.holdLease("me", 60_000);
  const { keys, retention, clock } = test.store;
  const tickets = players.map((player): [string, string] => [`t_${player}`, player]);
  const context = { connection, keys, retention, fence: "me", now: clock.now(), queue: queueOf };
  const [outcome] = await commitMatches(context, [duelProposal(match, tickets, { version, queue })]);
  connection.disconnect();
  return outcome;
};

describe("a waiting player whose connection drops", () => {
  it("is found by no search, and a match proposed with it before can't be committed", async () => {
    await enqueue("ann", "bob");
    await connect("c1", "ann");
    await drop("c1", "ann");
    expect((await inRange()).map(({ id }) => id)).toEqual(["t_bob"]);
    expect(await commit("m_1", ["ann", "bob"])).toBe("conflict");
    const ticket = await test.store.readTicket("t_ann");
    expect(ticket).toMatchObject({ status: "queued", version: 2, away: ["ann"] });
    expect((await test.store.readSchedule(["duel"], 1)).dueAt.get("duel")).toBeLessThanOrEqual(ticket?.awayUntil ?? 0);
    expect(await test.store.readPlayer("ann")).toMatchObject({ state: "inqueue", ticketVersion: 2 });
    expect(await events()).toEqual(["disconnected ann"]);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("is not put back by a search that it was in", async () => {
    await enqueue("ann");
    await connect("c1", "ann");
    await drop("c1", "ann");
    const seen = { id: "t_ann", version: 1, elo: 1_000, tries: 0 };
    await test.store.retryTickets("duel", [seen], { dueAt: 1, countTry: true });
    expect(await inRange()).toEqual([]);
    expect(await test.store.claimDue("duel", 10)).toEqual([]);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("keeps its place when it is back in time", async () => {
    await enqueue("ann");
    const later = { dueAt: test.store.clock.now() + 5_000, countTry: true };
    await test.store.retryTickets("duel", [{ id: "t_ann", version: 1, elo: 1_000, tries: 0 }], later);
    const before = await test.store.readTicket("t_ann");
    const [found] = await inRange();
    await connect("c1", "ann");
    await drop("c1", "ann");
    await connect("c2", "ann");
    expect(await test.store.readTicket("t_ann")).toEqual({ ...before, version: 3 });
    expect(await inRange()).toEqual([{ ...found, version: 3 }]);
    expect((await test.store.claimDue("duel", 10)).map(({ id }) => id)).toEqual(["t_ann"]);
    expect(await events()).toEqual(["disconnected ann", "reconnected ann"]);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("expires when its queue's grace is over, and only then", async () => {
    await enqueue("ann");
    await test.store.markAway(queueOf, "ann");
    expect(await test.store.endTicket("t_ann", "expired", "disconnected")).toBeNull();
    aheadMs = 5_001;
    expect((await test.store.claimDue("duel", 10)).map(({ id }) => id)).toEqual(["t_ann"]);
    expect(await test.store.endTicket("t_ann", "expired", "disconnected")).toEqual({ outcome: "expired" });
    expect(await test.store.readTicket("t_ann")).toMatchObject({ status: "expired", reason: "disconnected" });
    expect(await test.store.readPlayer("ann")).toMatchObject({ state: "idle" });
    expect((await test.events()).at(-1)).toMatchObject({ type: "expired", reason: "disconnected" });
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("may have its parameters changed, and is still not found before it is back", async () => {
    await enqueue("ann");
    await test.store.markAway(queueOf, "ann");
    const outcome = await test.store.changeTicket(duel, "t_ann", 2, solo("ann", 1_050));
    expect(outcome).toMatchObject({ outcome: "changed", ticket: { version: 3, away: ["ann"] } });
    expect(outcome).not.toHaveProperty("packed");
    expect(await inRange()).toEqual([]);
    expect(await test.inconsistencies()).toEqual([]);
    await test.store.markBack(queueOf, "ann");
    expect(await inRange()).toMatchObject([{ version: 4, elo: 1_050 }]);
    expect(await test.inconsistencies()).toEqual([]);
  });
});

describe("a newer connection", () => {
  it("takes a player over: what becomes of the older one has no effect", async () => {
    await enqueue("ann");
    await connect("c1", "ann");
    await connect("c2", "ann");
    await drop("c1", "ann");
    expect(await test.store.readTicket("t_ann")).not.toHaveProperty("away");
    const holds = ["c1", "c2"].map((token) => ({ token, player: "ann" }));
    expect(await test.store.refreshPresence(queueOf, holds)).toEqual([{ token: "c1", player: "ann" }]);
    await drop("c2", "ann");
    expect(await test.store.readTicket("t_ann")).toMatchObject({ away: ["ann"] });
  });
});

describe("the hold of an earlier connection", () => {
  it.each(["is still there", "has run out"])(
    "which %s gives way to a later one's refresh, but not to one opened before it",
    async (how) => {
      const refresh = (token: string) => test.store.refreshPresence(queueOf, [{ token, player: "ann" }]);
      await enqueue("ann");
      // Of a playserver that died, in a partition to which the player comes back.
      await connect("1000-a", "ann");
      if (how === "has run out") {
        aheadMs = 15_001;
        expect(await test.store.disconnectLost(queueOf, 10)).toBe(1);
        expect(await test.store.readTicket("t_ann")).toMatchObject({ away: ["ann"] });
      }
      expect(await refresh("2000-b")).toEqual([]);
      expect(await refresh("1000-a")).toEqual([{ token: "1000-a", player: "ann" }]);
      expect(await refresh("1999-c")).toEqual([{ token: "1999-c", player: "ann" }]);
      await drop("1000-a", "ann");
      expect(await test.store.readTicket("t_ann")).not.toHaveProperty("away");
      await drop("2000-b", "ann");
      expect(await test.store.readTicket("t_ann")).toMatchObject({ away: ["ann"] });
      expect(await test.inconsistencies()).toEqual([]);
    },
  );

  it("brings those back who count as away when the refresh before may have been half done", async () => {
    await enqueue("ann");
    await connect("1000-a", "ann");
    await test.store.markAway(queueOf, "ann");
    expect(await test.store.refreshPresence(queueOf, [{ token: "1000-a", player: "ann" }])).toEqual([]);
    expect(await test.store.readTicket("t_ann")).toMatchObject({ away: ["ann"] });
    expect(await test.store.refreshPresence(queueOf, [{ token: "1000-a", player: "ann" }], true)).toEqual([]);
    expect(await test.store.readTicket("t_ann")).not.toHaveProperty("away");
  });
});

describe("players who began to wait when their connection had ended", () => {
  it("are away, but for those for whom another stands", async () => {
    await enqueue("ann", "bob");
    await connect("c1", "bob");
    await test.store.markAbsent(queueOf, ["ann", "bob", "cat"]);
    expect(await test.store.readTicket("t_ann")).toMatchObject({ away: ["ann"] });
    expect(await test.store.readTicket("t_bob")).not.toHaveProperty("away");
    expect(await events()).toEqual(["disconnected ann"]);
    expect(await test.inconsistencies()).toEqual([]);
  });
});

describe("a holder that falls silent", () => {
  it("loses its players after 15 s, and has them again when it is heard again", async () => {
    await enqueue("ann", "bob");
    await connect("c1", "ann", "bob");
    aheadMs = 10_000;
    await test.store.refreshPresence(queueOf, [{ token: "c1", player: "bob" }]);
    expect(await test.store.disconnectLost(queueOf, 10)).toBe(0);
    aheadMs = 15_001;
    expect(await test.store.disconnectLost(queueOf, 10)).toBe(1);
    expect(await test.store.readTicket("t_ann")).toMatchObject({ away: ["ann"] });
    expect(await test.store.readTicket("t_bob")).not.toHaveProperty("away");
    expect(await test.store.refreshPresence(queueOf, [{ token: "c1", player: "ann" }])).toEqual([]);
    expect(await test.store.readTicket("t_ann")).not.toHaveProperty("away");
    expect(await test.inconsistencies()).toEqual([]);
  });
});

describe("a party", () => {
  it("waits unseen until all of it are back, from the first one's time on", async () => {
    const players = ["ann", "bob"].map((id) => ({ id, elo: 1_000 }));
    await test.store.enqueueTickets(pairs, [{ id: "t_1", request: { players } }]);
    await connect("c1", "ann");
    await connect("c2", "bob");
    await drop("c1", "ann");
    const first = await test.store.readTicket("t_1");
    aheadMs = 1_000;
    await drop("c2", "bob");
    expect(await test.store.readTicket("t_1")).toEqual({ ...first, away: ["ann", "bob"] });
    await connect("c3", "ann");
    expect(await test.store.readTicket("t_1")).toEqual({ ...first, away: ["bob"] });
    expect(await inRange("pairs")).toEqual([]);
    await connect("c4", "bob");
    expect(await test.store.readTicket("t_1")).toMatchObject({ version: 3 });
    expect(await inRange("pairs")).toMatchObject([{ id: "t_1", version: 3 }]);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("held by one connection goes away and comes back whole", async () => {
    const players = ["ann", "bob"].map((id) => ({ id, elo: 1_000 }));
    await test.store.enqueueTickets(pairs, [{ id: "t_1", request: { players } }]);
    await connect("c1", "ann", "bob", "cat");
    await drop("c1", "ann", "bob", "cat");
    expect(await test.store.readTicket("t_1")).toMatchObject({ version: 2, away: ["ann", "bob"] });
    expect(await test.raw.exists(test.store.keys.presence, test.store.keys.presenceHolders)).toBe(0);
    await connect("c1", "bob", "ann");
    expect(await inRange("pairs")).toMatchObject([{ id: "t_1", version: 3 }]);
  });
});

describe("a player in a match", () => {
  it("stays in it, marked as away until it is back, and it is told", async () => {
    await enqueue("ann", "bob");
    await connect("c1", "ann");
    expect(await commit("m_1", ["ann", "bob"])).toBe("committed");
    const before = await test.store.readPlayer("ann");
    await drop("c1", "ann");
    expect(playersOf(await matchOf("m_1")).map(({ id, away }) => [id, away])).toEqual([
      ["ann", true],
      ["bob", undefined],
    ]);
    await connect("c2", "ann");
    expect(playersOf(await matchOf("m_1")).every(({ away }) => away === undefined)).toBe(true);
    // Whoever connects for the first time has not come back.
    await connect("c3", "bob");
    expect(await test.store.readPlayer("ann")).toEqual(before);
    expect((await events()).slice(1)).toEqual(["disconnected ann", "reconnected ann"]);
  });
});

describe("a player whose match is forming", () => {
  const form = async () => {
    await test.store.enqueueTickets(
      asked,
      ["ann", "bob"].map((id) => ({ id: `t_${id}`, request: solo(id) })),
    );
    await connect("c1", "ann");
    expect(await commit("m_1", ["ann", "bob"], 1, "asked")).toBe("committed");
  };
  const accept = (player: string) =>
    test.store.changeMatch("m_1", queueOf, (queue, match, now) => acceptMatch(queue, match, player, now));
  const settle = () => test.store.changeMatch("m_1", queueOf, settleMatch);

  it("waits again as one who is away, when it dissolves", async () => {
    await form();
    await accept("ann");
    await drop("c1", "ann");
    aheadMs = 10_001;
    expect(await settle()).toMatchObject({ state: "ended", dissolved: "silent" });
    expect(await test.store.readTicket("t_bob")).toMatchObject({ status: "cancelled", reason: "silent" });
    const ticket = await test.store.readTicket("t_ann");
    expect(ticket).toMatchObject({ status: "queued", version: 2, away: ["ann"] });
    expect((ticket?.awayUntil ?? 0) - test.store.clock.now()).toBeGreaterThan(4_000);
    expect(await inRange("asked")).toEqual([]);
    expect(await test.inconsistencies()).toEqual([]);
    await connect("c2", "ann");
    expect(await inRange("asked")).toMatchObject([{ id: "t_ann", version: 3 }]);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("doesn't begin it while it is away, though all have accepted", async () => {
    await form();
    await accept("ann");
    await drop("c1", "ann");
    expect(await accept("bob")).toMatchObject({ state: "forming" });
    await connect("c2", "ann");
    expect(await matchOf("m_1")).toMatchObject({ state: "live" });
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("is found where it is by then, when the match dissolves while it drops", async () => {
    for (let round = 0; round < 30; round++) {
      await test.raw.flushall();
      aheadMs = 0;
      await form();
      await accept("ann");
      aheadMs = 10_001;
      const dissolving = settle();
      for (let wait = 0; wait < round % 6; wait++) await test.store.ping();
      await Promise.all([dissolving, drop("c1", "ann")]);
      expect(await test.store.readTicket("t_ann")).toMatchObject({ status: "queued", away: ["ann"] });
      expect(await test.inconsistencies()).toEqual([]);
    }
  });

  it("is not away for one who has a new connection by then", async () => {
    await form();
    for (let round = 0; round < 50; round++) {
      const [old, fresh] = [`c${round + 1}`, `c${round + 2}`];
      await Promise.all([drop(old, "ann"), connect(fresh, "ann")]);
      expect(playersOf(await matchOf("m_1")).some(({ away }) => away)).toBe(false);
    }
  });
});

it("connections that come and go while commits run: nobody is matched while away, nothing is half", async () => {
  const counts = { committed: 0, conflict: 0, aborted: 0 };
  for (let round = 0; round < 200; round++) {
    const [a, b] = [`a${round}`, `b${round}`];
    await enqueue(a, b);
    await connect("c1", a);
    const committing = commit(`m_${a}`, [a, b]);
    // Spread over the time that the commit takes.
    for (let wait = 0; wait < round % 6; wait++) await test.store.ping();
    await drop("c1", a);
    const outcome = (await committing) ?? "conflict";
    counts[outcome] += 1;
    const ticket = await test.store.readTicket(`t_${a}`);
    expect([ticket?.status, ticket?.away]).toEqual(outcome === "committed" ? ["matched", undefined] : ["queued", [a]]);
  }
  // Without both outcomes, nothing has raced.
  expect(counts.committed).toBeGreaterThan(5);
  expect(counts.conflict + counts.aborted).toBeGreaterThan(5);
  expect(await test.inconsistencies()).toEqual([]);
}, 60_000);
