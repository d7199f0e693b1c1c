import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { silentLogger, systemClock, systemIds } from "@muster/core/service";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTester, type Tester } from "./tester.ts";

interface Spawned {
  players: { id: string; avgPingMs: number; latencyMs?: Record<string, number> }[];
}

const spawned: Spawned[] = [];
const api = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    // The tester sends nothing but batches here.
    const { tickets } = JSON.parse(Buffer.concat(parts).toString()) as { tickets: Spawned[] };
    spawned.push(...tickets);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ results: [] }));
  });
});
/** Even, and the same in each run. */
let drawn = 0;
const random = {
  next: () => {
    drawn = (drawn + 0.618_034) % 1;
    return drawn;
  },
};
let tester: Tester;
beforeAll(async () => {
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  tester = createTester({
    apiUrl: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    ...{ elos: [1_000], random, ids: systemIds, clock: systemClock, host: "here", log: silentLogger },
    regionsOf: (queue) => (queue === "ranked" ? ["eu", "us"] : []),
    services: () => [],
    kill: () => {},
  });
});
afterAll(() => {
  tester.close();
  api.close();
});

const spawn = async (changes: object) => {
  spawned.length = 0;
  const said = await tester.run({
    action: "spawn",
    queue: "duel",
    count: 20,
    perSecond: 500,
    partySize: 1,
    ...changes,
  });
  await expect.poll(() => spawned.length).toBe(20);
  return { said, players: spawned.flatMap(({ players }) => players) };
};

it("spawns players with pings around what is wanted", async () => {
  const { players } = await spawn({ pingMs: 200 });
  for (const { avgPingMs, latencyMs } of players) {
    expect(avgPingMs).toBeGreaterThanOrEqual(100);
    expect(avgPingMs).toBeLessThanOrEqual(300);
    expect(latencyMs).toBeUndefined();
  }
  expect(new Set(players.map(({ avgPingMs }) => avgPingMs)).size).toBeGreaterThan(5);
});

it("spawns them near a region of the queue, or near any", async () => {
  const near = await spawn({ queue: "ranked", region: "us" });
  expect(near.said).toMatch(/near us$/);
  for (const { latencyMs = {} } of near.players) expect(latencyMs.us).toBeLessThan(latencyMs.eu ?? 0);
  const anywhere = await spawn({ queue: "ranked" });
  const nearest = anywhere.players.map(({ latencyMs: { eu = 0, us = 0 } = {} }) => (eu < us ? "eu" : "us"));
  expect(new Set(nearest).size).toBe(2);
});

it("refuses a region that the queue doesn't have, and says which it has", async () => {
  const wrong = { action: "spawn", queue: "ranked", count: 1, perSecond: 1, partySize: 1, region: "mars" };
  await expect(tester.run(wrong)).rejects.toMatchObject({
    code: "INVALID",
    details: { faults: [{ field: "region", message: expect.stringContaining("eu, us") }] },
  });
});
