import { type RunningSystem, startSystem } from "@muster/cli";
import { connect, createKeys, disconnect } from "@muster/store";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openRealm } from "../support/realm.ts";

const KEPT_S = 900;
const keys = createKeys("main");
let system: RunningSystem;
let redis: Redis;
beforeAll(async () => {
  system = await startSystem({ env: { ...process.env, MUSTER_KEEP_ENDED_S: String(KEPT_S) } });
  redis = connect(system.redisUrl, "test-retention", "main");
  await redis.connect();
});
afterAll(async () => {
  if (redis) await disconnect(redis);
  await system?.stop();
});

const call = async (method: string, path: string, body?: object) => {
  const headers = { "content-type": "application/json" };
  const sent = body && { headers, body: JSON.stringify(body) };
  const answer = await fetch(`${system.url}/v1/${path}`, { method, ...sent });
  expect(answer.ok).toBe(true);
  return (await answer.json()) as { id: string; endsAt: number; match?: string };
};
const enqueue = (id: string, elo: number) => call("POST", "queues/duel/tickets", { players: [{ id, elo }] });

it("what ended is kept for as long as MUSTER_KEEP_ENDED_S says, by every service that ends something", async () => {
  const realm = await openRealm(system.url);
  realm.client.watch(["ann", "bob"]);
  const loner = await enqueue("cat", 3_000);
  const tickets = [await enqueue("ann", 1_200), await enqueue("bob", 1_200)];
  await realm.until(["ann", "bob"], "inmatch");
  await realm.close();
  const { match = "" } = await call("GET", `tickets/${tickets[0]?.id}`);
  const { endsAt } = await call("GET", `matches/${match}`);
  // The mover.
  const ended = await redis.zrange(keys.endedTickets, "0", "-1", "WITHSCORES");
  const [[entry = "", dropAt] = []] = [ended.flat().map(String)];
  expect(new Set(entry.split(" "))).toEqual(new Set(tickets.map(({ id }) => id)));
  expect(Number(dropAt)).toBe(endsAt + KEPT_S * 1_000);
  // An orchestrator.
  await call("DELETE", `tickets/${loner.id}`);
  await call("POST", `matches/${match}/end`, {});
  for (const key of [keys.ticket(loner.id), keys.match(match)]) {
    const left = await redis.pttl(key);
    expect(left).toBeGreaterThan(KEPT_S * 1_000 - 60_000);
    expect(left).toBeLessThanOrEqual(KEPT_S * 1_000);
  }
}, 60_000);
