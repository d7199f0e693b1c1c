import { readFileSync } from "node:fs";
import { type RunningSystem, startSystem } from "@muster/cli";
import { startTestCluster, startTestRedis, type TestRedis } from "@muster/store/testing";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { faultsOf, loadFor, NO_FAULTS } from "../support/system.ts";

/** The line of docs/redis.md, with a whole system on it. */
const [, rules = ""] =
  /```acl\nuser muster (.+)\n```/.exec(readFileSync(new URL("../../docs/redis.md", import.meta.url), "utf8")) ?? [];

let redis: TestRedis;
let admin: Redis;
let system: RunningSystem;
beforeAll(async () => {
  const user = ["--user", "muster", ...rules.replace("PASSWORD", "secret").split(" ")];
  redis = await startTestRedis({ args: ["--notify-keyspace-events", "K$", ...user] });
  admin = new Redis(redis.url);
  system = await startSystem({ redisUrl: redis.url.replace("redis://", "redis://muster:secret@") });
});
afterAll(async () => {
  await system?.stop();
  admin?.disconnect();
  await redis?.stop();
});

it("is enough for everything that a system does under load", async () => {
  for (const queue of ["duel", "lobby"]) {
    const report = await loadFor(system, 3_000, { queue });
    expect(faultsOf(report)).toEqual(NO_FAULTS);
    expect(report.matched).toBeGreaterThan(100);
  }
  const log = (await admin.call("ACL", "LOG")) as unknown[][];
  const refused = log.map((entry) => entry.map(String).join(" ")).filter((entry) => entry.includes("username muster"));
  // A playserver may not set notifications, sees that they are set, and goes on.
  expect(refused.filter((entry) => !entry.includes("config|set"))).toEqual([]);
}, 60_000);

it("is not enough for anything else", async () => {
  const muster = new Redis(redis.url.replace("redis://", "redis://muster:secret@"));
  try {
    await admin.set("other", "1");
    for (const call of [
      ["GET", "other"],
      ["KEYS", "*"],
      ["FLUSHALL"],
      ["CONFIG", "SET", "maxmemory", "1"],
      ["CLIENT", "LIST"],
    ]) {
      const [command = "", ...args] = call;
      await expect(muster.call(command, ...args), call.join(" ")).rejects.toThrow(/NOPERM/);
    }
    await expect(muster.call("SUBSCRIBE", "__keyspace@0__:other")).rejects.toThrow(/NOPERM/);
  } finally {
    muster.disconnect();
  }
}, 20_000);

it("is enough on a cluster too", async () => {
  const cluster = await startTestCluster();
  const admins = cluster.nodes.map(({ url }) => new Redis(url));
  try {
    for (const node of admins) {
      await node.config("SET", "notify-keyspace-events", "K$");
      await node.call("ACL", "SETUSER", "muster", ...rules.replace("PASSWORD", "secret").split(" "));
    }
    const onCluster = await startSystem({ redisUrl: cluster.url.replace("://", "://muster:secret@") });
    const report = await loadFor(onCluster, 3_000, { queue: "duel" }).finally(() => onCluster.stop());
    expect(faultsOf(report)).toEqual(NO_FAULTS);
    expect(report.matched).toBeGreaterThan(100);
    const logs = await Promise.all(admins.map((node) => node.call("ACL", "LOG") as Promise<unknown[][]>));
    const refused = logs.flat().map((entry) => entry.map(String).join(" "));
    expect(refused.filter((entry) => entry.includes("username muster") && !entry.includes("config|set"))).toEqual([]);
  } finally {
    for (const node of admins) node.disconnect();
    await cluster.stop();
  }
}, 120_000);
