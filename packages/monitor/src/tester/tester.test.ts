import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { silentLogger, systemClock, systemIds } from "@muster/core/service";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createTester, type Tester } from "./tester.ts";

interface Spawned {
  players: { id: string; avgPingMs: number; latencyMs?: Record<string, number> }[];
}

const spawned: Spawned[] = [];
/** What each call was, without batches. */
let calls: string[] = [];
/** Muster, as far as the tester asks it: every third ticket is refused when that is wanted. */
let isRefusing = false;
const api = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    response.setHeader("content-type", "application/json");
    const [, , kind, id = ""] = request.url?.split("/") ?? [];
    if (!request.url?.endsWith("/batch")) {
      if (kind === "players" && request.method === "GET") {
        const state = Number(id.split("-").at(-1)) % 2 === 0 ? "inqueue" : "idle";
        response.end(JSON.stringify({ id, state, version: 1, at: 1, tries: 0, ticket: `t_${id}` }));
        return;
      }
      calls.push(`${request.method} ${request.url}`);
      response.end(JSON.stringify({ outcome: "cancelled" }));
      return;
    }
    const { tickets } = JSON.parse(Buffer.concat(parts).toString()) as { tickets: Spawned[] };
    spawned.push(...tickets);
    const results = tickets.map((_, n) =>
      isRefusing && n % 3 === 0
        ? { status: 409, error: { code: "PLAYER_BUSY", detail: "somebody is busy" } }
        : { status: 201, ticket: { id: "t" } },
    );
    response.end(JSON.stringify({ results }));
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
const service = (name: string, pid: number, host = "here") => ({
  ...{ name, pid, host, role: "matchmaker", version: "1", startedAt: 0, at: 0, dead: false },
  ...{ load: { cpuShare: 0, rssMiB: 0, loopShare: 0 }, holds: { count: 0, ids: [] }, figures: {} },
});
let tester: Tester;
let signals: string[] = [];
beforeAll(async () => {
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  tester = createTester({
    apiUrl: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    ...{ elos: [1_000], random, ids: systemIds, clock: systemClock, host: "here", log: silentLogger },
    queues: () => [
      { name: "duel", regions: [], hasElo: true, maxPartySize: 1 },
      { name: "ranked", regions: ["eu", "us"], hasElo: true, maxPartySize: 5 },
      { name: "instant", regions: [], hasElo: false, maxPartySize: 1 },
    ],
    services: () => [
      service("mm-1", 11),
      service("mm-2", 12),
      service("all-1", 13),
      service("all-2", 13),
      service("far", 14, "there"),
    ],
    signal: (pid, signal) => signals.push(`${signal} ${pid}`),
    onKilled: (name) => signals.push(`killed ${name}`),
  });
});
beforeEach(() => {
  [calls, signals, isRefusing] = [[], [], false];
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

it.each([
  ["a queue that there is not", { queue: "chess" }, "queue"],
  ["instant matching, into which nobody is put", { queue: "instant" }, "queue"],
  ["a party that is too large for the queue", { partySize: 2 }, "partySize"],
])("refuses %s", async (_, changes, field) => {
  const wrong = { action: "spawn", queue: "duel", count: 1, perSecond: 1, partySize: 1, ...changes };
  await expect(tester.run(wrong)).rejects.toMatchObject({ code: "INVALID", details: { faults: [{ field }] } });
});

it("tells how many tickets were refused, and why", async () => {
  isRefusing = true;
  await spawn({});
  await expect
    .poll(() => tester.runs()[0])
    .toMatchObject({ sent: 20, wanted: 20, isGoing: false, refusal: "somebody is busy" });
  const { accepted = 0, refused = 0 } = tester.runs()[0] ?? {};
  expect(refused).toBeGreaterThan(0);
  expect(accepted + refused).toBe(20);
});

it("stops a run, and refuses to stop one that there is not", async () => {
  await tester.run({ action: "spawn", queue: "duel", count: 5_000, perSecond: 10, partySize: 1 });
  const [{ id = "" } = {}] = tester.runs();
  expect(await tester.run({ action: "stop", run: id })).toContain("of 5000");
  expect(tester.runs()[0]).toMatchObject({ isGoing: false });
  await expect(tester.run({ action: "stop", run: "none" })).rejects.toMatchObject({ code: "INVALID" });
});

it("does something for as many of a run's players as are in a state for it", async () => {
  await spawn({});
  await expect.poll(() => tester.runs()[0]).toMatchObject({ accepted: 20 });
  const [{ id = "" } = {}] = tester.runs();
  await tester.run({ action: "each", act: "cancel", run: id, count: 4 });
  await expect.poll(() => tester.runs()[0]?.said).toBe("cancel: 4 of 20");
  expect(new Set(calls).size).toBe(4);
  for (const call of calls) expect(call).toMatch(/^DELETE \/v1\/tickets\/t_tester-\w+-\d*[02468]$/);
  await tester.run({ action: "each", act: "accept", run: id, count: 4 });
  await expect.poll(() => tester.runs()[0]?.said).toBe("accept: 0 of 20; the others are in no state for it");
});

it("kills a service, or asks it to stop, if it runs here and alone in its process", async () => {
  await tester.run({ action: "kill", service: "mm-1" });
  await tester.run({ action: "restart", service: "mm-2" });
  expect(signals).toEqual(["SIGKILL 11", "killed mm-1", "SIGTERM 12"]);
  for (const name of ["all-1", "far", "none"]) {
    await expect(tester.run({ action: "restart", service: name })).rejects.toMatchObject({
      code: name === "none" ? "INVALID" : "WRONG_STATE",
    });
  }
  expect(signals).toHaveLength(3);
});
