import { openTestStore } from "@muster/store/testing";
import { expect, it, onTestFinished } from "vitest";
import { createCommitConnections } from "./commit-connections.ts";

it("has connections at hand before a commit needs one, uses those, and ends what is idle", async () => {
  const test = await openTestStore();
  onTestFinished(() => test.stop());
  const connections = createCommitConnections(test.redis.url, "warm-commit", "main");
  const open = async () => String(await test.raw.client("LIST")).split("name=warm-commit ").length - 1;
  connections.warm(2);
  connections.warm(2);
  await expect.poll(open).toBe(2);
  await Promise.all([1, 2].map(() => connections.use((connection) => connection.ping())));
  expect(await open()).toBe(2);
  await connections.close();
  await expect.poll(open).toBe(0);
  // It may be needed again.
  expect(await connections.use((connection) => connection.ping())).toBe("PONG");
  await connections.close();
});
