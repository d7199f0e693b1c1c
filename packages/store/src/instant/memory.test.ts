import { systemClock, systemIds } from "@muster/core/service";
import { Redis } from "ioredis";
import { expect, it, onTestFinished } from "vitest";
import { openStore } from "../store.ts";
import { startTestRedis } from "../testing/redis-server.ts";
import { anyEntry, sampleInstantQueue } from "../testing/sample-instant.ts";

it("a user who waits takes less than 1 KiB of Redis beside its profile, set up as `muster up` does", async () => {
  const server = await startTestRedis({ args: ["--hash-max-listpack-value", "2304"] });
  const store = await openStore({ url: server.url, partition: "main", name: "test", clock: systemClock });
  const raw = new Redis(server.url);
  onTestFinished(async () => {
    raw.disconnect();
    await store.close();
    await server.stop();
  });
  const queue = sampleInstantQueue();
  const profile = { user_data: { language: "de", age: 30 }, user_preferences: { language: { oneOf: ["de", "en"] } } };
  const used = async () => Number(/^used_memory:(\d+)/m.exec(await raw.info("memory"))?.[1]);
  const users = 4_000;
  const enter = (user: string) =>
    store.instant.enter(queue, user, systemIds.ticket(), { ...anyEntry(systemIds.token()), ...profile });
  await enter("first");
  const before = await used();
  for (let n = 0; n < users; n++) await enter(`user-${n}`);
  const bytes = ((await used()) - before) / users;
  expect(await store.instant.waitingTickets()).toHaveLength(users + 1);
  expect(bytes - JSON.stringify(profile).length).toBeLessThan(1_024);
});
