import { setTimeout as sleep } from "node:timers/promises";
import { type Running, silentLogger } from "@muster/core/service";
import { startTestRedis, type TestRedis } from "@muster/store/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { mover } from "./service.ts";

const LEASE_MS = 400;
const queues = new URL("../../../queues.json", import.meta.url).pathname;

let redis: TestRedis;
let running: Running[];
beforeEach(async () => {
  redis = await startTestRedis();
  const config = mover.readConfig({
    REDIS_URL: redis.url,
    MUSTER_PORT: "0",
    MUSTER_QUEUES: queues,
    MUSTER_LEASE_MS: String(LEASE_MS),
  });
  running = await Promise.all([1, 2].map(() => mover.start(config, silentLogger)));
});
afterEach(async () => {
  await Promise.all(running.map((each) => each.stop()));
  await redis.stop();
});

/** How many say that they lead; none can while Redis is gone. */
const leaders = async () => {
  const answers = await Promise.all(running.map(({ port }) => fetch(`http://127.0.0.1:${port}/readyz`)));
  const bodies = await Promise.all(answers.map((answer) => answer.text()));
  return bodies.filter((body) => body.includes('"leader":true')).length;
};
const limit = { timeout: 8_000 };

it("after Redis was gone, for however long, one mover leads again", async () => {
  await expect.poll(leaders, limit).toBe(1);
  for (const goneMs of [50, LEASE_MS, 3 * LEASE_MS, 6 * LEASE_MS]) {
    await redis.kill();
    await sleep(goneMs);
    await redis.start();
    await expect.poll(leaders, limit).toBe(1);
  }
}, 60_000);

it("stops within its limits also when Redis has just gone and come back", async () => {
  await expect.poll(leaders, limit).toBe(1);
  await redis.kill();
  await redis.start();
  await Promise.all(running.splice(0).map((each) => each.stop()));
}, 10_000);
