import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { CLAIM_SHARDS, claimKey, claimShardOf } from "../keys.ts";
import { CHECK_MOVED_EVERY_MS } from "../players/player-feed.ts";
import { startTestCluster } from "../testing/index.ts";
import type { Claim } from "./claim.ts";
import { openClaimFeed } from "./claim-feed.ts";
import { openClaimShards } from "./claim-shards.ts";

/** Each feed has looked three times by then whether its keys are where they were. */
const THREE_CHECKS_MS = 3.5 * CHECK_MOVED_EVERY_MS;

it("follows claims on all masters of a cluster, and reads them once as long as nothing is lost", async () => {
  const cluster = await startTestCluster();
  onTestFinished(() => cluster.stop());
  const told = new Map<string, Claim>();
  const feed = await openClaimFeed("main", {
    ...{ url: cluster.url, name: "test" },
    onState: (player, claim) => void told.set(player, claim),
  });
  onTestFinished(() => feed.close());
  const players = Array.from({ length: 8 * CLAIM_SHARDS }, (_, n) => `p${n}`);
  expect(new Set(players.map(claimShardOf)).size).toBe(CLAIM_SHARDS);
  feed.hold(players);
  await expect.poll(() => told.size, { timeout: 10_000 }).toBe(players.length);
  await sleep(THREE_CHECKS_MS);
  expect(feed.stats()).toEqual({ held: players.length, unheard: 0, unread: 0, resyncs: 0 });

  const shards = await openClaimShards(cluster.url, "test");
  onTestFinished(() => shards.close());
  await Promise.all(players.map((player) => shards.of(player).set(claimKey(player), "eu 7 entered")));
  await expect.poll(() => [...told.values()].filter(({ partition }) => partition === "eu").length).toBe(players.length);
}, 60_000);
