import { setTimeout as sleep } from "node:timers/promises";
import { InstantClient } from "@muster/client";
import { isInstant } from "@muster/core";
import { readQueues, systemClock, systemIds } from "@muster/core/service";
import { openStore } from "@muster/store";
import { WebSocket } from "ws";
import type { BenchContext, Figures } from "../../bench.ts";
import { readRssMiB } from "../../cpu.ts";
import { instantProfile } from "../../instant-profile.ts";
import { watchRedis } from "../../redis-info.ts";
import type { BenchSystem } from "../../system.ts";

const USERS = 20_000;
/** Playservers have compared with Redis by then, and their garbage has settled. */
const SETTLE_MS = 15_000;
/** What a user says and asks for, as it is kept. */
const PROFILE_BYTES = JSON.stringify(instantProfile("w10", "n10")).length;

/** What one more waiting user takes, beside its profile: requests without connections, whose cost is the playserver's own. */
export const measureMemory = async (
  { signal, say }: BenchContext,
  system: BenchSystem,
  queuesFile: string,
): Promise<Figures> => {
  const queue = (await readQueues(queuesFile)).get("instant");
  if (!queue || !isInstant(queue)) throw new Error("the bench's queues have instant matching");
  const store = await openStore({ url: system.redisUrl, partition: "main", name: "bench", clock: systemClock });
  const redis = await watchRedis(system.redisUrl);
  const rss = () => readRssMiB(system.measured()).get("playserver-1") ?? null;
  try {
    say(`${USERS} users wait without a connection`);
    const [redisBefore, rssBefore] = [await redis.read(), rss()];
    for (let n = 0; n < USERS; n++) {
      const entry = { alias: systemIds.token(), room: systemIds.token(), ...instantProfile("w10", "n10") };
      await store.instant.enter(queue, `user-${n}`, systemIds.ticket(), entry);
    }
    const redisAfter = await redis.read();
    await sleep(SETTLE_MS, undefined, { signal });
    const rssAfter = rss();
    const told = await countTold(system);
    return {
      users: USERS,
      told,
      redisBytes: Math.round((redisAfter.memoryBytes - redisBefore.memoryBytes) / USERS) - PROFILE_BYTES,
      playserverBytes:
        rssBefore === null || rssAfter === null
          ? null
          : Math.round(((rssAfter - rssBefore) * 2 ** 20) / USERS) - PROFILE_BYTES,
    };
  } finally {
    await redis.close();
    await store.close();
  }
};

/** That the playservers know them: a newcomer is told of some at once. */
const countTold = async ({ url }: BenchSystem): Promise<number> => {
  const client = new InstantClient({ url, user: "looker", WebSocket, autoClaim: false });
  await client.connect();
  try {
    const list = new Promise<number>((resolve) => client.on("waitlist", ({ length }) => resolve(length)));
    await client.request(instantProfile("none", "none"));
    return await list;
  } finally {
    await client.close();
  }
};
