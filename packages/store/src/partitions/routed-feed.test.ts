import { setTimeout } from "node:timers/promises";
import type { PlayerState } from "@muster/core";
import { systemClock, systemRandom } from "@muster/core/service";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestStore, sampleQueue, solo, type TestStore } from "../testing/index.ts";
import { openPartitions, type Partitions } from "./open-partitions.ts";
import { openRoutedFeed, type RoutedFeed } from "./routed-feed.ts";
import { routePresence } from "./routed-presence.ts";

const duel = sampleQueue();
const pairs = { ...sampleQueue({ name: "pairs" }), partition: "eu" };
const queues = new Map([duel, pairs].map((queue) => [queue.name, queue]));
const limit = { timeout: 10_000 };

let test: TestStore;
let partitions: Partitions;
let feed: RoutedFeed;
const told = new Map<string, PlayerState[]>();
const moved: string[] = [];
beforeAll(async () => {
  test = await openTestStore();
  const about = { url: test.redis.url, name: "test", clock: systemClock, random: systemRandom };
  partitions = await openPartitions({ ...about, queues, home: "main" });
  feed = await openRoutedFeed(partitions, {
    ...{ url: about.url, name: "feed" },
    onMoved: (player) => void moved.push(player),
    onState: (player, state) => void told.set(player, [...(told.get(player) ?? []), state]),
  });
});
afterAll(async () => {
  await feed.close();
  await partitions.close();
  await test.stop();
});

const enqueue = async (queue: typeof duel, player: string, n: number) => {
  const id = `t_${queue.partition ? `${queue.partition}.` : ""}${player}${n}`;
  const [outcome] = await partitions.routed.enqueueTickets(queue, [{ id, request: solo(player) }]);
  expect(outcome?.outcome).toBe("queued");
  return id;
};
const newest = (player: string) => told.get(player)?.at(-1);

it("a watcher sees one order of versions wherever a player goes, and ends on the newest", async () => {
  feed.hold(["ann"]);
  await expect.poll(() => newest("ann")?.state, limit).toBe("idle");
  for (const [n, queue] of [pairs, duel, pairs, pairs, duel].entries()) {
    const id = await enqueue(queue, "ann", n);
    await expect.poll(() => newest("ann")?.ticket, limit).toBe(id);
    await partitions.routed.endTicket(id, "cancelled");
    await expect.poll(() => newest("ann")?.state, limit).toBe("idle");
  }
  const versions = (told.get("ann") ?? []).map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  expect(newest("ann")?.version).toBe((await partitions.routed.readPlayer("ann")).version);
  await expect.poll(() => moved, limit).toEqual(["ann", "ann", "ann", "ann"]);
});

it("who begins to watch is first told of where the player is", async () => {
  await enqueue(duel, "bob", 1).then((id) => partitions.routed.endTicket(id, "cancelled"));
  const id = await enqueue(pairs, "bob", 2);
  feed.hold(["bob"]);
  await expect.poll(() => told.get("bob")?.[0], limit).toMatchObject({ state: "inqueue", ticket: id });
});

it.each([
  ["main", duel, "gus"],
  ["eu", pairs, "hal"],
] as const)(
  "who fell back in partition %s, as by a fail-over that lost what was told, is told where it is again",
  async (partition, queue, player) => {
    feed.hold([player]);
    const first = await enqueue(queue, player, 1);
    const key = partitions.of(partition).keys.playerState(player);
    const kept = await test.raw.get(key);
    await expect.poll(() => newest(player), limit).toMatchObject({ state: "inqueue", ticket: first });
    await partitions.routed.endTicket(first, "cancelled");
    await expect.poll(() => newest(player), limit).toMatchObject({ state: "idle" });
    const over = newest(player);
    await test.raw.set(key, kept ?? "");
    await expect.poll(() => newest(player), limit).toMatchObject({ state: "inqueue", ticket: first });
    expect(newest(player)?.version).toBeGreaterThan(over?.version ?? 0);
    // In a replica that never heard of it; a lost connection has all read again.
    await test.raw.del(key);
    await test.raw.call("CLIENT", "KILL", "TYPE", "pubsub");
    await expect.poll(() => newest(player), limit).toMatchObject({ state: "idle", tries: 0 });
    // Forgotten after a day, which is no loss.
    await test.raw.del(key);
    await test.raw.call("CLIENT", "KILL", "TYPE", "pubsub");
    await setTimeout(500);
    expect(await test.raw.exists(key)).toBe(0);
  },
);

it("nothing older is told of a player than a watcher was told elsewhere", async () => {
  await enqueue(pairs, "ian", 1);
  const { version } = await partitions.routed.readPlayer("ian");
  feed.hold(["ian"]);
  feed.expect("ian", version + 1_000);
  await expect.poll(() => newest("ian"), limit).toMatchObject({ state: "inqueue" });
  expect(told.get("ian")?.[0]?.version).toBeGreaterThan(version + 1_000);
  // Nor once it is held; what is known here already is nothing to wait for.
  const first = newest("ian")?.version ?? 0;
  feed.expect("ian", first - 1);
  feed.expect("ian", first + 1_000);
  await expect.poll(() => newest("ian")?.version, limit).toBeGreaterThan(first + 1_000);
  expect(told.get("ian")).toHaveLength(2);
  feed.release(["ian"]);
  told.delete("ian");
  feed.hold(["ian"]);
  await expect.poll(() => newest("ian")?.state, limit).toBe("inqueue");
});

it("a connection that ends makes its player away where it is by then", async () => {
  const presence = routePresence(partitions);
  const queueOf = (name: string) => queues.get(name);
  await presence.connectPlayers(queueOf, "token", ["cid"]);
  const id = await enqueue(pairs, "cid", 1);
  await presence.disconnectPlayers(queueOf, "token", ["cid"]);
  expect(await partitions.routed.readTicket(id)).toMatchObject({ away: ["cid"] });
});

it("a player whom another connection took over is not taken back where its claim moves to", async () => {
  const queueOf = (name: string) => queues.get(name);
  const [older, newer] = [routePresence(partitions), routePresence(partitions)];
  await older.connectPlayers(queueOf, "older", ["dan"]);
  await newer.connectPlayers(queueOf, "newer", ["dan"]);
  await enqueue(pairs, "dan", 1);
  expect(await older.refreshPresence(queueOf, [{ player: "dan", token: "older" }])).toHaveLength(1);
  expect(await newer.refreshPresence(queueOf, [{ player: "dan", token: "newer" }])).toEqual([]);
});

it.each(["ended", "was taken over"])(
  "a connection that %s is in nobody's way, wherever its player was meanwhile",
  async (how) => {
    const presence = routePresence(partitions);
    const queueOf = (name: string) => queues.get(name);
    const player = how === "ended" ? "eve" : "fay";
    const hold = (token: string) => presence.refreshPresence(queueOf, [{ player, token }]);
    const goTo = (queue: typeof duel, n: number) =>
      enqueue(queue, player, n).then((id) => partitions.routed.endTicket(id, "cancelled"));
    await presence.connectPlayers(queueOf, "first", [player]);
    await goTo(pairs, 1);
    await hold("first");
    if (how === "ended") {
      await presence.disconnectPlayers(queueOf, "first", [player]);
      await presence.connectPlayers(queueOf, "second", [player]);
    } else {
      await presence.connectPlayers(queueOf, "second", [player]);
      expect(await hold("first")).toHaveLength(1);
    }
    for (const [n, queue] of [duel, pairs, duel].entries()) {
      await goTo(queue, 2 + n);
      expect(await hold("second")).toEqual([]);
    }
  },
);
