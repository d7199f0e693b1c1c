import { afterEach, expect, it } from "vitest";
import { openRateLimits, type RateLimits } from "./rate-limits.ts";
import { startTestRedis, type TestRedis } from "./testing/redis-server.ts";

let server: TestRedis;
const opened: RateLimits[] = [];
const open = async () => {
  const limits = await openRateLimits({ url: server.url, partition: "main", name: `limits-${opened.length}` });
  opened.push(limits);
  return limits;
};
afterEach(async () => {
  for (const limits of opened.splice(0)) await limits.close();
  await server.stop();
});

it("calls beyond a second's are refused, whichever process counts, and of each caller apart", async () => {
  server = await startTestRedis();
  const [one, other] = [await open(), await open()];
  const perSecond = 1_000;
  expect(await one.take("key:a", perSecond, 600)).toBe(0);
  const waitMs = await other.take("key:a", perSecond, 600);
  expect(waitMs).toBeGreaterThan(0);
  expect(waitMs).toBeLessThanOrEqual(1_000);
  expect(await other.take("key:b", perSecond, 600)).toBe(0);
});

it.each([
  ["Redis", true],
  ["this process, without Redis,", false],
])("more at once than a second allows is paid for by the seconds after, as %s counts", async (_, hasRedis) => {
  server = await startTestRedis();
  const limits = await open();
  if (!hasRedis) await server.kill();
  expect(await limits.take("key:a", 100, 500)).toBe(0);
  const waitMs = await limits.take("key:a", 100, 1);
  expect(waitMs).toBeGreaterThan(2_000);
  expect(waitMs).toBeLessThanOrEqual(5_000);
});
