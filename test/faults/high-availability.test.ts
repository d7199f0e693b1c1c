import { setTimeout as sleep } from "node:timers/promises";
import { startTestCluster, startTestSentinels } from "@muster/store/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { underLoad } from "./under-load.ts";

const LIMIT_MS = 240_000;
const READY_LIMIT_MS = 30_000;

describe("on a Redis Cluster, under load", () => {
  it(
    "a slot that moves to another master costs time, and nothing else",
    async () => {
      const cluster = await startTestCluster();
      onTestFinished(() => cluster.stop());
      const before = await cluster.ownerOf("main");
      let gapMs = Infinity;
      const report = await underLoad(
        { redisUrl: cluster.url, refereeUrl: cluster.url, seed: 1 },
        async ({ system, watchGap }) => {
          await sleep(2_000);
          const gap = watchGap();
          await cluster.moveSlot("main");
          await system.ready(READY_LIMIT_MS);
          await sleep(3_000);
          gapMs = gap();
        },
      );
      console.log(`slot moved: ${gapMs} ms without a new match, ${report.matches} matches`, report.calls);
      expect((await cluster.ownerOf("main")).port).not.toBe(before.port);
      expect(report.violations).toEqual([]);
      expect(report.matches).toBeGreaterThan(50);
    },
    LIMIT_MS,
  );

  it(
    "a master that is stopped for its replica costs time, and nothing else",
    async () => {
      const cluster = await startTestCluster();
      onTestFinished(() => cluster.stop());
      let gapMs = Infinity;
      const report = await underLoad(
        { redisUrl: cluster.url, refereeUrl: cluster.url, seed: 2 },
        async ({ system, watchGap }) => {
          await sleep(2_000);
          const gap = watchGap();
          const master = await cluster.ownerOf("main");
          await master.kill();
          await expect
            .poll(async () => (await cluster.ownerOf("main")).port, { timeout: 20_000 })
            .not.toBe(master.port);
          await master.start();
          await cluster.healthy();
          await system.ready(READY_LIMIT_MS);
          await sleep(3_000);
          gapMs = gap();
        },
      );
      console.log(`master killed: ${gapMs} ms without a new match, ${report.matches} matches`, report.calls);
      expect(report.violations).toEqual([]);
      expect(report.matches).toBeGreaterThan(50);
    },
    LIMIT_MS,
  );
});

describe("with Sentinel, under load", () => {
  it(
    "a master that dies is followed by a replica",
    async () => {
      // Else a master that comes back before it knows of the other takes writes that are lost when it is told.
      const sentinels = await startTestSentinels(["--min-replicas-to-write", "1"]);
      onTestFinished(() => sentinels.stop());
      let gapMs = Infinity;
      const report = await underLoad(
        { redisUrl: sentinels.url, refereeUrl: sentinels.url, seed: 3 },
        async ({ system, watchGap }) => {
          await sleep(2_000);
          const gap = watchGap();
          const master = await sentinels.master();
          await master.kill();
          await expect.poll(async () => (await sentinels.master()).port, { timeout: 20_000 }).not.toBe(master.port);
          await master.start();
          await sentinels.healthy(1);
          await system.ready(READY_LIMIT_MS);
          await sleep(3_000);
          gapMs = gap();
        },
      );
      console.log(`master killed: ${gapMs} ms without a new match, ${report.matches} matches`, report.calls);
      expect(report.violations).toEqual([]);
      expect(report.matches).toBeGreaterThan(50);
    },
    LIMIT_MS,
  );
});
