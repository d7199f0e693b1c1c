import { joinMatch, openPlaces, type Proposal, playersOf, type WaitingTicket } from "@muster/core";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { formatPlayerState, parsePlayerState } from "../players/player-state-text.ts";
import { connectForCommits } from "../redis/connect.ts";
import { endOfMatch, openTestStore, sampleQueue, solo, type TestStore } from "../testing/index.ts";
import { type CommitContext, commitMatches } from "./commit-matches.ts";
import { unpackOpenMatch } from "./pack-open-match.ts";

const pool = sampleQueue({ name: "pool", teams: { count: 1, size: 4, minSize: 2 }, maxPartySize: 2, backfill: true });
const queues = new Map([[pool.name, pool]]);
const ANY_ELO = { low: -Infinity, high: Infinity, centre: 1_000 };

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
const contextOn = (on: Redis): CommitContext => ({
  connection: on,
  keys: test.store.keys,
  fence: "me",
  now: test.store.clock.now(),
  retention: test.store.retention,
  queue: (name) => queues.get(name),
});
const commit = (...proposals: Proposal[]) => commitMatches(contextOn(connection), proposals);
const enqueue = (...players: string[]) =>
  test.store.enqueueTickets(
    pool,
    players.map((player) => ({ id: `t_${player}`, request: solo(player) })),
  );

const ticketOf = (id: string, players: readonly string[] = [id]): WaitingTicket => ({
  ...{ id: `t_${id}`, version: 1, tries: 2, createdAt: 0, elo: 1_000 },
  players: players.map((player) => ({ id: player, elo: 1_000 })),
});
const proposalOf = (players: readonly string[], changes: Partial<Proposal> = {}, open = 0): Proposal => ({
  id: "m_1",
  queue: "pool",
  tickets: players.map((player) => ticketOf(player)),
  teams: [{ name: "1", tickets: [...players.keys()], ...(open > 0 && { open }) }],
  eloGap: 0,
  quality: 1,
  effectiveTries: players.map(() => 2),
  ...changes,
});
const joinOf = (version: number, ...players: string[]) => proposalOf(players, { join: { version } });
const openMatches = async () => (await test.store.readOpenMatches("pool", ANY_ELO)).map(unpackOpenMatch);
/** A match of ann and bob with two open places. */
const begun = async (...others: string[]) => {
  await enqueue("ann", "bob", ...others);
  expect(await commit(proposalOf(["ann", "bob"], {}, 2))).toEqual(["committed"]);
};

const attend = (player: string) =>
  test.store.changeMatch(
    "m_1",
    (name) => queues.get(name),
    (queue, match, now) => joinMatch(queue, match, player, now),
  );

/** Opens the place of a player, who is free at once; nothing changes when the match doesn't have the player. */
const lose = (player: string) =>
  test.store.changeMatch(
    "m_1",
    (name) => queues.get(name),
    (queue, match, now) =>
      match.state !== "ended" && playersOf(match).some(({ id }) => id === player)
        ? openPlaces(queue, match, { lost: [player] }, now)
        : undefined,
  );

describe("a match with open places", () => {
  it("is found by searches near its elo, with those who are in it", async () => {
    await begun();
    expect(await test.store.readMatch("m_1")).toMatchObject({ state: "open", version: 1 });
    expect(await openMatches()).toMatchObject([
      {
        ...{ id: "m_1", version: 1 },
        teams: [
          {
            name: "1",
            open: 2,
            tickets: [
              { id: "t_ann", tries: 2 },
              { id: "t_bob", tries: 2 },
            ],
          },
        ],
      },
    ]);
    expect(await test.store.readOpenMatches("pool", { low: 1_100, high: 1_300, centre: 1_200 })).toEqual([]);
    expect((await test.store.readQueueStats(["pool"])).get("pool")?.openMatches).toBe(1);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("takes in who joins, and is closed when it is full", async () => {
    await begun("cat", "dan");
    expect(await commit(joinOf(1, "cat"))).toEqual(["committed"]);
    expect(await test.store.readMatch("m_1")).toMatchObject({ state: "open", version: 2, teams: [{ open: 1 }] });
    expect(await test.store.readPlayer("cat")).toMatchObject({ state: "inmatch", match: "m_1" });
    expect(await test.store.readTicket("t_cat")).toMatchObject({ status: "matched", match: "m_1" });
    expect((await openMatches())[0]?.teams[0]?.tickets).toHaveLength(3);
    expect(await test.inconsistencies()).toEqual([]);
    expect(await commit(joinOf(2, "dan"))).toEqual(["committed"]);
    const match = await test.store.readMatch("m_1");
    expect(match).toMatchObject({ state: "live", version: 3 });
    expect(match?.teams[0]?.players.map(({ id }) => id)).toEqual(["ann", "bob", "cat", "dan"]);
    expect(await openMatches()).toEqual([]);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("goes on widening from when it opened, by each one's own tries, when a player arrives and when one is lost", async () => {
    await enqueue("ann", "bob", "cat");
    const openedAt = test.store.clock.now() - 5_000;
    await commitMatches({ ...contextOn(connection), now: openedAt }, [proposalOf(["ann", "bob"], {}, 2)]);
    await commit({ ...joinOf(1, "cat"), effectiveTries: [-0.5] });
    const stands = async () => {
      const [match] = await openMatches();
      return [match?.openedAt, match?.teams[0]?.tickets.map(({ id, tries }) => [id, tries])];
    };
    const before = [
      ["t_ann", 2],
      ["t_bob", 2],
      ["t_cat", -0.5],
    ];
    expect(await stands()).toEqual([openedAt, before]);
    await attend("ann");
    expect(await stands()).toEqual([openedAt, before]);
    await lose("bob");
    expect(await stands()).toEqual([openedAt, before.filter(([id]) => id !== "t_bob")]);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("that opens again begins with the tries with which it was made, also where those go by time", async () => {
    const byTime = sampleQueue({
      ...{ name: "pool", teams: { count: 1, size: 4, minSize: 2 }, backfill: true, retryEveryMs: 1_000 },
      steps: [{ afterMs: 0 }, { afterMs: 5_000 }],
    });
    queues.set("pool", byTime);
    try {
      await enqueue("ann", "bob", "cat", "dan");
      const { createdAt = 0 } = (await test.store.readTicket("t_ann")) ?? {};
      const context = { ...contextOn(connection), now: createdAt + 2_500 };
      expect(await commitMatches(context, [proposalOf(["ann", "bob", "cat", "dan"])])).toEqual(["committed"]);
      expect(await openMatches()).toEqual([]);
      await lose("dan");
      expect((await openMatches())[0]?.teams[0]?.tickets[0]).toMatchObject({ id: "t_ann", tries: 2.5 });
    } finally {
      queues.set("pool", pool);
    }
  });

  it("takes in nobody from another version of it", async () => {
    await begun("cat", "dan");
    await commit(joinOf(1, "cat"));
    expect(await commit(joinOf(1, "dan"))).toEqual(["conflict"]);
    expect(await test.store.readPlayer("dan")).toMatchObject({ state: "inqueue" });
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("takes in one of two proposals that were made from the same version, also in one transaction", async () => {
    await begun("cat", "dan");
    expect(await commit(joinOf(1, "cat"), joinOf(1, "dan"))).toEqual(["committed", "conflict"]);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("takes in no more than its places, even by a proposal that says so", async () => {
    await begun("cat", "dan", "eve");
    expect(await commit(joinOf(1, "cat", "dan", "eve"))).toEqual(["conflict"]);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("takes in nobody once it has ended, and then no one finds it", async () => {
    await begun("cat");
    await endOfMatch(test.store, "m_1");
    expect(await openMatches()).toEqual([]);
    expect(await commit(joinOf(1, "cat"))).toEqual(["conflict"]);
    expect(await test.store.readPlayer("cat")).toMatchObject({ state: "inqueue" });
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("takes in nobody of a ticket that was cancelled, nor those who came with it", async () => {
    await begun("cat", "dan");
    await test.store.endTicket("t_dan", "cancelled");
    expect(await commit(joinOf(1, "cat", "dan"))).toEqual(["conflict"]);
    expect(await test.store.readMatch("m_1")).toMatchObject({ version: 1 });
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("recognises a join that it committed before, as after a lost answer", async () => {
    await begun("cat");
    await commit(joinOf(1, "cat"));
    expect(await commit(joinOf(1, "cat"))).toEqual(["committed"]);
    expect((await test.store.readMatch("m_1"))?.teams[0]?.players).toHaveLength(3);
  });

  it("keeps a join from being written when its teams change between the check and EXEC", async () => {
    await begun("cat", "dan");
    // Runs another mover's join after everything was read, just before the transaction is sent.
    const slow = await dedicated();
    const multi = slow.multi.bind(slow);
    Object.assign(slow, {
      multi: () => {
        const transaction = multi();
        const exec = transaction.exec.bind(transaction);
        Object.assign(transaction, { exec: () => commit(joinOf(1, "cat")).then(() => exec()) });
        return transaction;
      },
    });
    expect(await commitMatches(contextOn(slow), [joinOf(1, "dan")])).toEqual(["aborted"]);
    slow.disconnect();
    expect(await test.store.readPlayer("dan")).toMatchObject({ state: "inqueue" });
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("keeps its region, its end and who left when somebody joins", async () => {
    await enqueue("ann", "bob", "cat");
    await commit(proposalOf(["ann", "bob"], { region: "eu" }, 1));
    const before = await lose("bob");
    await commit(joinOf(2, "cat"));
    const match = await test.store.readMatch("m_1");
    expect(match).toMatchObject({ region: "eu", endsAt: before?.endsAt, left: [{ id: "bob" }], version: 3 });
    expect((await openMatches())[0]).toMatchObject({ region: "eu" });
  });

  it("counts a player once who left it, came back alone, and whose party is still in it", async () => {
    const party = { players: ["ann", "bob"].map((id) => ({ id, elo: 1_000 })) };
    await test.store.enqueueTickets(pool, [{ id: "t_party", request: party }]);
    await enqueue("cat");
    const tickets = [ticketOf("party", ["ann", "bob"]), ticketOf("cat")];
    expect(await commit(proposalOf(["party", "cat"], { tickets }, 1))).toEqual(["committed"]);
    await lose("bob");
    await enqueue("bob");
    expect(await commit(joinOf(2, "bob"))).toEqual(["committed"]);
    await lose("cat");
    const left = (await openMatches())[0]?.teams[0]?.tickets ?? [];
    expect(left.map(({ id, players }) => [id, players.map((player) => player.id)])).toEqual([
      ["t_party", ["ann"]],
      ["t_bob", ["bob"]],
    ]);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("keeps the tickets of those who are in it until after it should end", async () => {
    await begun("cat");
    const { endsAt = 0, createdAt = 0 } = (await test.store.readMatch("m_1")) ?? {};
    const later = { ...contextOn(connection), now: createdAt + pool.matchLengthMs / 2 };
    await commitMatches(later, [joinOf(1, "cat")]);
    const dropped = await test.raw.zrange(test.store.keys.endedTickets, "0", "-1", "WITHSCORES");
    const until = String(endsAt + test.store.retention.endedMs);
    expect(dropped.flat().map(String).sort()).toEqual([until, until, "t_ann t_bob", "t_cat"].sort());
  });

  it("tells in the event stream what became of it", async () => {
    await begun("cat", "dan");
    await commit(joinOf(1, "cat"));
    await commit(joinOf(2, "dan"));
    await lose("ann");
    await endOfMatch(test.store, "m_1");
    expect((await test.events()).map(({ type }) => type)).toEqual([
      ...["led", "queued", "queued", "queued", "queued"],
      ...["matched", "joined", "joined", "left", "backfill", "opened", "ended"],
    ]);
  });

  it("frees a player that it lost with a newer version, whatever the clock says", async () => {
    await begun();
    const key = test.store.keys.playerState("bob");
    const ahead = parsePlayerState(await test.raw.get(key));
    await test.raw.set(key, formatPlayerState({ ...ahead, version: 9_000_000_000_000 }));
    await lose("bob");
    expect(await test.store.readPlayer("bob")).toMatchObject({ state: "idle", version: 9_000_000_000_001 });
  });

  it.each([
    ["is said to have lost it", () => lose("bob")],
    ["ends", () => endOfMatch(test.store, "m_1")],
  ])("leaves a player alone who is in another match by now when it %s", async (_, happens) => {
    await begun();
    const key = test.store.keys.playerState("bob");
    const elsewhere = ((await test.raw.get(key)) ?? "").replace("m_1", "m_2");
    await test.raw.set(key, elsewhere);
    await happens();
    expect(await test.raw.get(key)).toBe(elsewhere);
  });

  it("frees those who joined when it ends", async () => {
    await begun("cat");
    await commit(joinOf(1, "cat"));
    await endOfMatch(test.store, "m_1");
    for (const player of ["ann", "bob", "cat"]) {
      expect(await test.store.readPlayer(player)).toMatchObject({ state: "idle" });
    }
  });
});

it("thousands of joins, cancels, losses and ends at once leave everybody in one place", async () => {
  const CROWD = 10;
  const movers = await Promise.all(Array.from({ length: CROWD }, dedicated));
  const counts = { committed: 0, conflict: 0, aborted: 0 };
  for (let round = 0; round < 60; round++) {
    await test.raw.flushall();
    await test.store.holdLease("me", 60_000);
    const crowd = Array.from({ length: CROWD }, (_, index) => `p${index}`);
    await begun(...crowd);
    const joins = crowd.map(async (player, index) => {
      // As a matchmaker does: each time from the newest version; and once a match is full, for those it will lose.
      for (let attempt = 0; attempt < 8; attempt++) {
        const { version = 0 } = (await test.store.readMatch("m_1")) ?? {};
        const [outcome] = await commitMatches(contextOn(movers[index] ?? connection), [joinOf(version, player)]);
        counts[outcome ?? "aborted"] += 1;
        if (outcome === "committed") return;
      }
    });
    const cancels = ["p1", "p4"].map((player) => test.store.endTicket(`t_${player}`, "cancelled"));
    const losses = async () => {
      await lose("bob");
      for (const player of crowd) await lose(player);
    };
    // Not before some have joined.
    const end = round % 4 === 0 ? [lose("ann").then(() => endOfMatch(test.store, "m_1"))] : [];
    await Promise.all([...joins, losses(), ...cancels, ...end]);
    const match = await test.store.readMatch("m_1");
    const players = match?.teams.flatMap((team) => team.players) ?? [];
    // However often its teams changed meanwhile.
    expect(await test.store.readPlayer("bob")).toMatchObject({ state: "idle" });
    if (end.length > 0) expect(match?.state).toBe("ended");
    expect(players.length + (match?.teams[0]?.open ?? 0)).toBeLessThanOrEqual(4);
    expect(new Set(players.map(({ id }) => id)).size).toBe(players.length);
    expect(await test.inconsistencies()).toEqual([]);
  }
  for (const mover of movers) mover.disconnect();
  // Without all outcomes, nothing has raced.
  expect(counts.committed).toBeGreaterThan(100);
  expect(counts.conflict).toBeGreaterThan(100);
  expect(counts.aborted).toBeGreaterThan(100);
}, 60_000);
