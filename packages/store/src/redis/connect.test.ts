import { expect, it } from "vitest";
import { startTestRedis } from "../testing/redis-server.ts";
import { connect, disconnect } from "./connect.ts";

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
