import type { Proposal, WaitingTicket } from "@muster/core";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectForCommits } from "../redis/connect.ts";
import { openTestStore, sampleQueue, solo, type TestStore } from "../testing/index.ts";
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
  const opened = connectForCommits(test.redis.url, "commit");
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

const proposalOf = (players: readonly string[], changes: Partial<Proposal> = {}, open = 0): Proposal => {
  const waiting = players.map(
    (id): WaitingTicket => ({
      ...{ id: `t_${id}`, version: 1, tries: 2, createdAt: 0, elo: 1_000 },
      players: [{ id, elo: 1_000 }],
    }),
  );
  return {
    id: "m_1",
    queue: "pool",
    tickets: waiting.map(({ players: _, ...ticket }, index) => ({ ...ticket, players: [players[index] ?? ""] })),
    teams: [
      {
        name: "1",
        players: players.map((id) => ({ id, elo: 1_000, ticket: `t_${id}` })),
        ...(open > 0 && { open }),
      },
    ],
    eloGap: 0,
    quality: 1,
    waiting,
    ...changes,
  };
};
const joinOf = (version: number, ...players: string[]) => proposalOf(players, { join: { version } });
const openMatches = async () => (await test.store.readOpenMatches("pool", ANY_ELO)).map(unpackOpenMatch);
/** A match of ann and bob with two open places. */
const begun = async (...others: string[]) => {
  await enqueue("ann", "bob", ...others);
  expect(await commit(proposalOf(["ann", "bob"], {}, 2))).toEqual(["committed"]);
};

describe("a match with open places", () => {
  it("is found by searches near its elo, with those who are in it", async () => {
    await begun();
    expect(await test.store.readMatch("m_1")).toMatchObject({ state: "open", version: 1 });
    expect(await openMatches()).toMatchObject([
      { id: "m_1", version: 1, tries: 2, teams: [{ name: "1", open: 2, tickets: [{ id: "t_ann" }, { id: "t_bob" }] }] },
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
    await test.store.endMatch("m_1");
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

  it("frees those who joined when it ends", async () => {
    await begun("cat");
    await commit(joinOf(1, "cat"));
    await test.store.endMatch("m_1");
    for (const player of ["ann", "bob", "cat"]) {
      expect(await test.store.readPlayer(player)).toMatchObject({ state: "idle" });
    }
  });
});

it("many joins, cancels, losses and the end of one match at once leave everybody in one place", async () => {
  for (let round = 0; round < 40; round++) {
    await test.raw.flushall();
    await test.store.holdLease("me", 60_000);
    const crowd = Array.from({ length: 8 }, (_, index) => `p${index}`);
    await begun(...crowd);
    const movers = await Promise.all(crowd.map(dedicated));
    const joins = crowd.map((player, index) =>
      commitMatches(contextOn(movers[index] ?? connection), [joinOf(1 + (index % 3), player)]),
    );
    const lose = test.store.changeOpenPlaces(
      "m_1",
      (name) => queues.get(name),
      ({ teams }) => ({
        teams: teams.map(({ name, players, open = 0 }) => {
          const stay = players.filter(({ id }) => id !== "bob");
          return { name, players: stay, open: open + players.length - stay.length };
        }),
      }),
    );
    const cancels = [test.store.endTicket("t_p1", "cancelled"), test.store.endTicket("t_p4", "cancelled")];
    const end = round % 4 === 0 ? [test.store.endMatch("m_1")] : [];
    await Promise.all([...joins, lose, ...cancels, ...end]);
    for (const mover of movers) mover.disconnect();
    const match = await test.store.readMatch("m_1");
    const players = match?.teams.flatMap((team) => team.players) ?? [];
    expect(players.length + (match?.teams[0]?.open ?? 0)).toBeLessThanOrEqual(4);
    expect(await test.inconsistencies()).toEqual([]);
  }
});
