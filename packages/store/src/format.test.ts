import { ConfigError, type ServiceBeat } from "@muster/core";
import { systemClock } from "@muster/core/service";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, onTestFinished } from "vitest";
import { FORMAT } from "./format.ts";
import { openStore, type Store } from "./store.ts";
import { sampleBeat, startTestRedis, type TestRedis } from "./testing/index.ts";

const KEY = "{main}:format";
let server: TestRedis;
let raw: Redis;
const opened: Store[] = [];
beforeAll(async () => {
  server = await startTestRedis();
  raw = new Redis(server.url).on("error", () => {});
});
afterAll(async () => {
  raw.disconnect();
  await server.stop();
});
beforeEach(() => raw.flushall());
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});
const open = async (url = server.url) => {
  const store = await openStore({ url, partition: "main", name: "test", clock: systemClock });
  opened.push(store);
  return store;
};

it("is noted by the first service that starts, and left as it is by the next one", async () => {
  await open();
  expect(await raw.get(KEY)).toBe(String(FORMAT));
  await raw.set(KEY, FORMAT - 1);
  await (await open()).ping();
  expect(await raw.get(KEY)).toBe(String(FORMAT - 1));
});

it.each([
  [FORMAT + 1, /format 2, and this version knows 1 .* start a release as new as that/],
  [FORMAT - 2, /format -1, and this version knows 1 .* start each release in between first/],
])("%i is refused at the start, with both versions and the way out", async (kept, reason) => {
  await raw.set(KEY, kept);
  const refusal = await open().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ConfigError);
  expect(String((refusal as ConfigError).faults[0])).toMatch(reason);
});

it("that turns out to be newer once Redis is there makes every call fail, and none succeed", async () => {
  const late = await startTestRedis({ appendOnly: true });
  onTestFinished(() => late.stop());
  const there = new Redis(late.url).on("error", () => {});
  await there.set(KEY, FORMAT + 1);
  there.disconnect();
  await late.kill();
  const store = await open(late.url);
  await expect(store.ping()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  await late.start();
  await expect
    .poll(() => store.readPlayer("ann").catch((error: unknown) => String(error)), { timeout: 10_000 })
    .toMatch(/start a release as new as that/);
  await expect(store.ping()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
});

it("is raised once all services that were seen are of this version", async () => {
  const store = await open();
  await raw.set(KEY, FORMAT - 1);
  const beat = (version: string): ServiceBeat => ({ ...sampleBeat("mover", 5), version });
  await store.raiseFormat([beat("2.0.0"), beat("1.9.0")], "2.0.0");
  expect(await raw.get(KEY)).toBe(String(FORMAT - 1));
  await store.raiseFormat([beat("2.0.0"), beat("2.0.0")], "2.0.0");
  expect(await raw.get(KEY)).toBe(String(FORMAT));
  await raw.set(KEY, FORMAT + 1);
  await store.raiseFormat([beat("2.0.0")], "2.0.0");
  expect(await raw.get(KEY)).toBe(String(FORMAT + 1));
});
