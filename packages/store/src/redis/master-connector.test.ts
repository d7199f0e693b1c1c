import { once } from "node:events";
import { expect, it, onTestFinished } from "vitest";
import { startFakeRedis } from "../testing/fake-redis.ts";
import { startTestRedis, type TestRedis } from "../testing/redis-server.ts";
import { connect, disconnect } from "./connect.ts";

const limit = { timeout: 10_000 };

/** What a sentinel names, until the test says another. */
interface FakeSentinel {
  port: number;
  master: TestRedis;
  epoch: number;
}

const bulks = (texts: readonly string[]) =>
  `*${texts.length}\r\n${texts.map((text) => `$${text.length}\r\n${text}\r\n`).join("")}`;

/** Answers just what is asked of sentinels, and OK to the rest. Silent: it takes connections, and says nothing. */
const startSentinel = async (master: TestRedis, epoch: number, { isSilent = false } = {}): Promise<FakeSentinel> => {
  const sentinel = { port: 0, master, epoch };
  const { port, stop } = await startFakeRedis((command) => {
    if (isSilent) return undefined;
    if (/GET-MASTER-ADDR/i.test(command)) return bulks(["127.0.0.1", String(sentinel.master.port)]);
    if (/SENTINEL/i.test(command)) return bulks(["name", "games", "config-epoch", String(sentinel.epoch)]);
    return "+OK\r\n";
  });
  onTestFinished(stop);
  sentinel.port = port;
  return sentinel;
};

const startRedis = async () => {
  const server = await startTestRedis();
  onTestFinished(() => server.stop());
  return server;
};

const open = async (sentinels: readonly { port: number }[]) => {
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",");
  const redis = connect(`redis-sentinel://${hosts}/games`, "test", "main");
  onTestFinished(() => disconnect(redis));
  await redis.connect();
  return redis;
};

it("goes by the sentinel that has heard of the last fail-over, and waits for none that is silent", async () => {
  const [old, next] = [await startRedis(), await startRedis()];
  const sentinels = [
    await startSentinel(old, 1),
    await startSentinel(next, 2),
    await startSentinel(old, 1),
    await startSentinel(old, 9, { isSilent: true }),
  ];
  const redis = await open(sentinels);
  expect(redis.stream.remotePort).toBe(next.port);
});

it("leaves a master that was replaced while it was alive, and goes by nobody who has not heard of that", async () => {
  const [old, next] = [await startRedis(), await startRedis()];
  const sentinel = await startSentinel(old, 1);
  const redis = await open([sentinel]);
  expect(redis.stream.remotePort).toBe(old.port);
  const ended = once(redis, "close");
  Object.assign(sentinel, { master: next, epoch: 2 });
  await ended;
  await expect.poll(() => redis.status, limit).toBe("ready");
  expect(redis.stream.remotePort).toBe(next.port);
  // Another one behind the same name.
  Object.assign(sentinel, { master: old, epoch: 1 });
  expect((await open([sentinel])).stream.remotePort).toBe(next.port);
  // Sentinels that were set up anew, and count from the beginning.
  await next.kill();
  await expect.poll(() => redis.status === "ready" && redis.stream.remotePort, limit).toBe(old.port);
});
