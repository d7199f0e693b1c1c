import { systemClock } from "@muster/core/service";
import { expect, it, onTestFinished } from "vitest";
import { openStore, type Store } from "../store.ts";
import { startTestCluster, startTestSentinels } from "../testing/index.ts";

const open = async (url: string) => {
  const store = await openStore({ url, partition: "main", name: "test", clock: systemClock });
  onTestFinished(() => store.close());
  return store;
};
const isThere = (store: Store) =>
  store.ping().then(
    () => true,
    () => false,
  );

it("a cluster that was away as a whole is used again once it is back, also by who began meanwhile", async () => {
  const cluster = await startTestCluster();
  onTestFinished(() => cluster.stop());
  const before = await open(cluster.url);
  expect(await isThere(before)).toBe(true);
  await Promise.all(cluster.nodes.map((node) => node.kill()));
  const meanwhile = await open(cluster.url);
  // Each of them has looked for the owner in vain by then.
  await expect.poll(() => isThere(before), { timeout: 10_000 }).toBe(false);
  await expect(meanwhile.ping()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  await Promise.all(cluster.nodes.map((node) => node.start()));
  await cluster.healthy();
  for (const store of [before, meanwhile]) await expect.poll(() => isThere(store), { timeout: 20_000 }).toBe(true);
}, 90_000);

it("sentinels that are away keep nobody from beginning, and are asked again", async () => {
  const sentinels = await startTestSentinels();
  onTestFinished(() => sentinels.stop());
  const before = await open(sentinels.url);
  sentinels.pauseAll();
  const meanwhile = await open(sentinels.url);
  await expect(meanwhile.ping()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  // The server itself is there.
  expect(await isThere(before)).toBe(true);
  sentinels.resumeAll();
  await expect.poll(() => isThere(meanwhile), { timeout: 20_000 }).toBe(true);
}, 90_000);
