import { expect, it, onTestFinished } from "vitest";
import { startFakeRedis } from "../testing/fake-redis.ts";
import { startTestRedis } from "../testing/redis-server.ts";
import { connect, connectForCommits, connectForWorker, disconnect } from "./connect.ts";

it("what is told Redis in one turn goes out together, and each is answered", async () => {
  await using held = new AsyncDisposableStack();
  const server = held.adopt(await startTestRedis(), (started) => started.stop());
  const redis = held.adopt(connect(server.url, "test", "main"), disconnect);
  await redis.connect();
  await redis.set("count", 0);
  const written: number[] = [];
  for (let round = 0; round < 2; round++) {
    const replies = Array.from({ length: 3 }, () => redis.incr("count"));
    written.push(redis.stream.writableLength);
    expect(await Promise.all(replies)).toEqual([1, 2, 3].map((n) => n + 3 * round));
  }
  // All three still wait to be sent when the last was asked for.
  for (const bytes of written) expect(bytes).toBeGreaterThan(3 * "*2\r\n$4\r\nincr\r\n".length);
});

/** A Redis that reads its data, and believes that it will for long; it says OK to all else. */
const startLoadingRedis = async () => {
  const redis = { url: "", isLoading: true, asked: 0 };
  const { port, stop } = await startFakeRedis((command) => {
    if (!/^\$4\r\ninfo/i.test(command)) return "+OK\r\n";
    redis.asked += 1;
    const info = redis.isLoading ? "loading:1\r\nloading_eta_seconds:60\r\n" : "loading:0\r\n";
    return `$${info.length}\r\n${info}\r\n`;
  });
  onTestFinished(stop);
  redis.url = `redis://127.0.0.1:${port}`;
  return redis;
};

it.each([
  ["calls", connect],
  ["commits", connectForCommits],
  ["workers", connectForWorker],
])(
  "a connection for %s looks again and again whether Redis has read its data, whatever Redis says of that",
  async (_, open) => {
    const redis = await startLoadingRedis();
    const connection = open(redis.url, "test", "main");
    onTestFinished(() => connection.disconnect());
    if (connection.status === "wait") connection.connect().catch(() => {});
    await expect.poll(() => redis.asked, { timeout: 5_000 }).toBeGreaterThan(2);
    expect(connection.status).toBe("connect");
    redis.isLoading = false;
    await expect.poll(() => connection.status, { timeout: 5_000 }).toBe("ready");
  },
);

it.each([
  "MOVED 1 127.0.0.1:1",
  "READONLY You can't write against a read only replica.",
  "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
])(
  "what is asked for a worker and is another server's now is asked again, and for a call it fails: %s",
  async (answer) => {
    const refused = new Set<string>();
    const { port, stop } = await startFakeRedis((command) => {
      const [, key = ""] = /(key-of-\w+)/.exec(command) ?? [];
      if (key === "" || refused.has(key)) return "+OK\r\n";
      refused.add(key);
      return `-${answer}\r\n`;
    });
    onTestFinished(stop);
    await using held = new AsyncDisposableStack();
    const [worker, call] = [connectForWorker, connect].map((open) =>
      held.adopt(open(`redis://127.0.0.1:${port}`, "test", "main"), (redis) => redis.disconnect()),
    );
    expect(await worker?.get("key-of-worker")).toBe("OK");
    await call?.connect();
    await expect(call?.get("key-of-call")).rejects.toThrow(answer);
    expect(refused.size).toBe(2);
  },
);
