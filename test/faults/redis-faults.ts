import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { createKeys } from "@muster/store";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { PARTITIONS } from "./queues.ts";
import { type Fault, movers, pick, type Scene } from "./scene.ts";
import type { Counted, Which } from "./tcp-proxy.ts";

/** Under the limit of a command, past the time that a standby takes. */
const EXEC_LATE_MS = 1_000;
const REDIS_AWAY_MS = 1_500;
/** Past the time for which presence is kept: nobody is to be thrown out for what Redis did. */
const REDIS_LONG_AWAY_MS = 20_000;

const isCommit: Which = (name) => name.endsWith("-commit");
const isAnyone: Which = () => true;

const onRedis = async ({ redis }: Scene, work: (raw: Redis) => Promise<unknown>): Promise<void> => {
  const raw = new Redis(redis.url, { lazyConnect: true, retryStrategy: () => null });
  raw.on("error", () => {});
  await raw.connect();
  try {
    await work(raw);
  } finally {
    raw.disconnect();
  }
};

const setting =
  (name: string, broken: string, whole: string): Fault =>
  (scene) =>
    onRedis(scene, async (raw) => {
      await raw.config("SET", name, broken);
      await sleep(REDIS_AWAY_MS);
      await raw.config("SET", name, whole);
    });

/** For a while, or until it has happened often enough to matter. */
const someTimes =
  (arm: (scene: Scene) => Counted): Fault =>
  async (scene) => {
    const armed = arm(scene);
    for (let waited = 0; waited < 3_000 && armed.count() < 3; waited += 50) await sleep(50);
    armed.stop();
  };

/** Applied, but whoever called can't know. */
const loseAnswersTo =
  (script: string): Fault =>
  async (scene) => {
    const lua = await readFile(new URL(`../../packages/store/src/${script}`, import.meta.url));
    const sha = createHash("sha1").update(lua).digest("hex");
    await someTimes(({ proxy }) => proxy.cutAfterScript(isAnyone, sha))(scene);
  };

const withJobs = async (
  { redis, random }: Scene,
  name: string,
  work: (queue: Queue) => Promise<void>,
): Promise<void> => {
  const prefix = createKeys(pick(PARTITIONS, random)).jobsPrefix;
  const queue = new Queue(name, { prefix, connection: { url: redis.url }, skipVersionCheck: true });
  queue.on("error", () => {});
  try {
    await work(queue);
  } finally {
    await queue.close();
  }
};

/** What was asked for once is asked for again, late and in any order. */
const duplicateJobs = (name: string): Fault => {
  return (scene) =>
    withJobs(scene, name, async (queue) => {
      const copies: unknown[] = [];
      for (let round = 0; round < 40; round++) {
        const jobs = await queue.getJobs(["active", "waiting", "prioritized"], 0, 20);
        copies.push(...jobs.filter((job) => job).map((job) => job.data));
        await sleep(25);
      }
      copies.sort(() => scene.random.next() - 0.5);
      await queue.addBulk(copies.slice(0, 60).map((data) => ({ name, data, opts: { removeOnComplete: true } })));
    });
};

/** Of Redis, of connections, and of what is in Redis. */
export const REDIS_FAULTS: Readonly<Record<string, Fault>> = {
  "keep a leader's transaction back until another leads": async (scene) => {
    // Now and then the leader takes the lease again before the standby does.
    for (let tries = 0; tries < 10; tries++) {
      const [leader] = await movers(scene);
      const [partition] = leader?.led ?? [];
      if (!leader || partition === undefined) {
        await sleep(EXEC_LATE_MS);
        continue;
      }
      const { name } = leader.process;
      const { stop, count } = scene.proxy.delayExec((connection) => connection === `${name}-commit`, EXEC_LATE_MS);
      for (let waited = 0; waited < 2_000 && count() < 2; waited += 10) await sleep(10);
      stop();
      await onRedis(scene, (raw) => raw.del(createKeys(partition).moverLease));
      await sleep(EXEC_LATE_MS);
      const now = (await movers(scene)).find(({ led }) => led.includes(partition));
      if (now && now.process.name !== name) return;
    }
  },
  "kill Redis": async ({ redis }) => {
    await redis.kill();
    await sleep(300);
    await redis.start();
  },
  "kill Redis between two fsyncs": async (scene) => {
    // What was written is the kernel's, which outlives the process: it is a machine's death that costs a second.
    await onRedis(scene, (raw) => raw.config("SET", "appendfsync", "everysec"));
    await sleep(1_500 + scene.random.next() * 1_000);
    await scene.redis.kill();
    await scene.redis.start();
  },
  "keep Redis away": async ({ redis }) => {
    await redis.kill();
    await sleep(REDIS_LONG_AWAY_MS);
    await redis.start();
  },
  "restart Redis": ({ redis }) => redis.restart(),
  "pause Redis": async ({ redis }) => {
    redis.pause();
    await sleep(REDIS_AWAY_MS);
    redis.resume();
  },
  "fill Redis": setting("maxmemory", "1mb", "0"),
  "make Redis read-only": (scene) =>
    onRedis(scene, async (raw) => {
      await raw.replicaof("127.0.0.1", 1);
      await sleep(REDIS_AWAY_MS);
      await raw.replicaof("NO", "ONE");
    }),
  "cut all connections": async ({ proxy }) => void proxy.cut(isAnyone),
  "cut half of the connections": async ({ proxy, random }) => void proxy.cut(() => random.next() < 0.5),
  "delay all connections": async ({ proxy }) => {
    const stop = proxy.delay(isAnyone, 200);
    await sleep(3_000);
    stop();
  },
  "hold all connections": async ({ proxy }) => {
    const stop = proxy.hold(isAnyone);
    await sleep(REDIS_AWAY_MS);
    stop();
  },
  "cut commits before EXEC": someTimes(({ proxy }) => proxy.cutAtExec(isCommit, "before")),
  "lose the answer to EXEC": someTimes(({ proxy }) => proxy.cutAtExec(isCommit, "after")),
  "lose the answers to enqueues": loseAnswersTo("tickets/enqueue-tickets.lua"),
  "lose the answers to cancels": loseAnswersTo("tickets/end-ticket.lua"),
  "lose the answers to changes": loseAnswersTo("tickets/change-ticket.lua"),
  "lose the answers to changes of matches": loseAnswersTo("matches/change-match.lua"),
  "lose the answers to seals": loseAnswersTo("claims/seal-players.lua"),
  "lose the answers to moves of claims": loseAnswersTo("claims/move-claims.lua"),
  "lose the answers to entries": loseAnswersTo("claims/enter-players.lua"),
  "cut calls that an orchestrator has": someTimes(({ http }) => http.cutCalls("forwarded")),
  "lose orchestrators' answers": someTimes(({ http }) => http.cutCalls("after")),
  "delay all calls": async ({ http }) => {
    const stop = http.delay(400);
    await sleep(3_000);
    stop();
  },
  "keep EXEC back": async ({ proxy }) => {
    const { stop } = proxy.delayExec(isCommit, 300);
    await sleep(3_000);
    stop();
  },
  "repeat searches": duplicateJobs("search"),
  "repeat commits": duplicateJobs("commit"),
  "empty the searches": (scene) => withJobs(scene, "search", (queue) => queue.drain(true)),
  "empty the commits": (scene) => withJobs(scene, "commit", (queue) => queue.drain(true)),
  "remove the queue of searches": (scene) => withJobs(scene, "search", (queue) => queue.obliterate({ force: true })),
  "remove the queue of commits": (scene) => withJobs(scene, "commit", (queue) => queue.obliterate({ force: true })),
};
