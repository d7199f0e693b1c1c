import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { commitMatches } from "../matches/commit-matches.ts";
import { connectForCommits } from "../redis/connect.ts";
import { duelProposal, openTestStore, sampleQueue, solo, type TestStore } from "../testing/index.ts";

const duel = sampleQueue();
let test: TestStore;
let connection: Redis;
beforeAll(async () => {
  test = await openTestStore();
  connection = connectForCommits(test.redis.url, "commit", "main");
  await connection.connect();
});
afterAll(async () => {
  connection?.disconnect();
  await test?.stop();
});
beforeEach(async () => {
  await test.raw.flushall();
  await test.store.holdLease("me", 60_000);
});

/** Commits duels together, so long ago that their tickets have been kept for their time and `sinceMs`. */
const commitLongAgo = async (sinceMs: number, ...pairs: [string, string][]) => {
  const { keys, retention, clock, enqueueTickets } = test.store;
  const tickets = pairs.flat().map((player) => ({ id: `t_${player}`, request: solo(player) }));
  await enqueueTickets(duel, tickets);
  const now = clock.now() - duel.matchLengthMs - retention.endedMs - sinceMs;
  const context = { connection, keys, retention, fence: "me", now, queue: () => duel };
  const toProposal = ([one, other]: [string, string]) =>
    duelProposal(`m_${one}`, [
      [`t_${one}`, one],
      [`t_${other}`, other],
    ]);
  expect(new Set(await commitMatches(context, pairs.map(toProposal)))).toEqual(new Set(["committed"]));
};
const kept = async (...players: string[]) => {
  const tickets = await Promise.all(players.map((player) => test.store.readTicket(`t_${player}`)));
  return players.filter((_, index) => tickets[index] !== null);
};

it("drops the tickets of a commit together once their time is over, and no others", async () => {
  await commitLongAgo(1, ["ann", "bob"], ["cat", "dan"]);
  await commitLongAgo(-60_000, ["eve", "fay"]);
  expect(await test.raw.zcard(test.store.keys.endedTickets)).toBe(2);
  expect(await test.store.dropEnded(10)).toBe(1);
  expect(await kept("ann", "bob", "cat", "dan", "eve", "fay")).toEqual(["eve", "fay"]);
  expect(await test.store.dropEnded(10)).toBe(0);
  expect(await test.raw.zcard(test.store.keys.endedTickets)).toBe(1);
});

it("takes no more commits at a time than it is told, the longest over first", async () => {
  await commitLongAgo(5, ["ann", "bob"]);
  await commitLongAgo(60_000, ["cat", "dan"]);
  expect(await test.store.dropEnded(1)).toBe(1);
  expect(await kept("ann", "bob", "cat", "dan")).toEqual(["ann", "bob"]);
});

it("leaves alone what isn't matched any more, and minds nothing that is gone", async () => {
  await commitLongAgo(1, ["ann", "bob"], ["cat", "dan"]);
  const { keys } = test.store;
  await test.raw.hset(keys.ticket("t_ann"), "status", "cancelled - 5");
  await test.raw.del(keys.ticket("t_cat"));
  expect(await test.store.dropEnded(10)).toBe(1);
  expect(await kept("ann", "bob", "cat", "dan")).toEqual(["ann"]);
  expect(await test.raw.zcard(keys.endedTickets)).toBe(0);
});
