import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type RunningSystem, type SystemProcess, shuffled } from "@muster/cli";
import type { Random } from "@muster/core";
import { createKeys } from "@muster/store";
import type { TestRedis } from "@muster/store/testing";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { WebSocket } from "ws";
import type { HttpProxies } from "./http-proxies.ts";
import { PARTITIONS } from "./queues.ts";
import type { RedisProxy } from "./redis-proxy.ts";
import type { Counted, Which } from "./tcp-proxy.ts";

/** What a fault works on. */
export interface Scene {
  system: RunningSystem;
  redis: TestRedis;
  proxy: RedisProxy;
  http: HttpProxies;
  players: readonly string[];
  random: Random;
  /** Where processes look how far their clock is to be off: see skew-clock.mjs. */
  clocks: string;
  /** To be told the partitions from which a fault takes the leader. */
  tookLeaderOf: (partitions: readonly string[]) => void;
}

/** Breaks something and, where it doesn't heal by itself, mends it. */
type Fault = (scene: Scene) => Promise<void>;

/** As movers are told by default. */
const LEASE_MS = 1_500;
const LEASE_OVER_MS = LEASE_MS + 700;
/** Under the limit of a command, past the time that a standby takes. */
const EXEC_LATE_MS = 1_000;
const REDIS_AWAY_MS = 1_500;
/** Past the time for which presence is kept: nobody is to be thrown out for what Redis did. */
const REDIS_LONG_AWAY_MS = 20_000;

const pick = <Item>(items: readonly Item[], random: Random): Item => {
  const item = items[Math.floor(random.next() * items.length)];
  if (item === undefined) throw new Error("there is nothing to pick");
  return item;
};

const someOf = ({ system, random }: Scene, role: string) =>
  pick(
    system.processes.filter((each) => each.role === role),
    random,
  );

/** A mover and the partitions that it leads. */
interface Leader {
  process: SystemProcess;
  led: readonly string[];
}

/** All movers, those that lead first; in an order of their own each time. */
const movers = async ({ system, random }: Scene): Promise<Leader[]> => {
  const all = shuffled(
    system.processes.filter(({ role }) => role === "mover"),
    random,
  );
  const probes = await Promise.all(all.map((each) => each.probe()));
  return all
    .map((process, index) => ({ process, led: leadsOf(probes[index]?.body) }))
    .sort((a, b) => Math.sign(b.led.length) - Math.sign(a.led.length));
};

const leadsOf = (body: unknown): readonly string[] =>
  typeof body === "object" && body !== null && "leads" in body && Array.isArray(body.leads)
    ? body.leads.map(String)
    : [];

/** One that leads, one that stands by, or all that lead; whichever is there when nobody does at the moment. */
const aLeader = async (scene: Scene): Promise<Leader[]> => (await movers(scene)).slice(0, 1);
const aStandby = async (scene: Scene): Promise<Leader[]> => (await movers(scene)).slice(-1);
const allLeaders = async (scene: Scene): Promise<Leader[]> => {
  const all = await movers(scene);
  return all.filter(({ led }, index) => led.length > 0 || index === 0);
};

const onMovers =
  (which: (scene: Scene) => Promise<Leader[]>, work: (process: SystemProcess) => unknown): Fault =>
  async (scene) => {
    const those = await which(scene);
    scene.tookLeaderOf(those.flatMap(({ led }) => led));
    await Promise.all(those.map(({ process }) => work(process)));
  };

const kill =
  (role: string): Fault =>
  async (scene) => {
    someOf(scene, role).kill("SIGKILL");
  };

/** It wakes up and believes that no time has passed. */
const pauseProcess = async (process: SystemProcess): Promise<void> => {
  process.kill("SIGSTOP");
  await sleep(LEASE_OVER_MS);
  process.kill("SIGCONT");
};

const pause =
  (role: string): Fault =>
  (scene) =>
    pauseProcess(someOf(scene, role));

/** A clean stop; the supervisor starts it again. */
const restart =
  (role: string): Fault =>
  async (scene) => {
    someOf(scene, role).kill(role === "nginx" ? "SIGQUIT" : "SIGTERM");
  };

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

/** Watches everybody and reads nothing. */
const slowWatcher: Fault = async ({ system, players }) => {
  const socket = new WebSocket(`${system.url.replace("http", "ws")}/v1/realm`);
  socket.on("error", () => {});
  await once(socket, "open");
  for (let copies = 0; copies < 20; copies++) socket.send(JSON.stringify({ op: "watch", players }));
  socket.pause();
  await sleep(3_000);
  socket.terminate();
};

/** The clock of one process is set a minute ahead, or behind; it starts anew with that, and is set right while it runs. */
const skewClock = (ms: number): Fault => {
  return async (scene) => {
    const process = pick(
      scene.system.processes.filter(({ role }) => role !== "nginx" && role !== "redis"),
      scene.random,
    );
    const file = join(scene.clocks, process.name);
    await writeFile(file, String(ms));
    await sleep(1_500);
    process.kill("SIGKILL");
    await sleep(2_500);
    await writeFile(file, "0");
    await sleep(1_000);
  };
};

const SERVICES = ["orchestrator", "sweeper", "matchmaker", "playserver", "nginx"];
const each = (what: string, make: (role: string) => Fault): [string, Fault][] =>
  SERVICES.map((role) => [`${what} ${role}`, make(role)]);

/** Of processes of Muster and of who calls it. */
const OF_PROCESSES: Readonly<Record<string, Fault>> = {
  ...Object.fromEntries([...each("kill", kill), ...each("pause", pause), ...each("restart", restart)]),
  "kill a leading mover": onMovers(aLeader, (mover) => mover.kill("SIGKILL")),
  "kill all leading movers": onMovers(allLeaders, (mover) => mover.kill("SIGKILL")),
  "kill the standby mover": onMovers(aStandby, (mover) => mover.kill("SIGKILL")),
  "restart a leading mover": onMovers(aLeader, (mover) => mover.kill("SIGTERM")),
  "restart the standby mover": onMovers(aStandby, (mover) => mover.kill("SIGTERM")),
  "pause a leading mover past its lease": onMovers(aLeader, pauseProcess),
  "pause all leading movers past their leases": onMovers(allLeaders, pauseProcess),
  "pause the standby mover": onMovers(aStandby, pauseProcess),
  "kill one of each": async (scene) => {
    for (const role of ["orchestrator", "matchmaker", "mover", "playserver", "sweeper"])
      someOf(scene, role).kill("SIGKILL");
  },
  "kill all matchmakers and movers": async ({ system }) => {
    for (const { role, kill: signal } of system.processes)
      if (role === "matchmaker" || role === "mover") signal("SIGKILL");
  },
  "a watcher that reads nothing": slowWatcher,
  "a clock a minute ahead": skewClock(60_000),
  "a clock a minute behind": skewClock(-60_000),
};

/** Of Redis, of connections, and of what is in Redis. */
const OF_REDIS: Readonly<Record<string, Fault>> = {
  "keep a leader's transaction back until another leads": async (scene) => {
    // Now and then the leader takes the lease again before the standby does.
    for (let tries = 0; tries < 10; tries++) {
      const [leader] = await aLeader(scene);
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
  "lose the answers to seals": loseAnswersTo("claims/seal-player.lua"),
  "lose the answers to moves of claims": loseAnswersTo("claims/move-claim.lua"),
  "lose the answers to entries": loseAnswersTo("claims/enter-player.lua"),
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

export const FAULTS: Readonly<Record<string, Fault>> = { ...OF_PROCESSES, ...OF_REDIS };

/** Faults in the same order, but for each of processes one of the other kind that happens at the same time. */
export const pairUp = (names: readonly string[]): string[][] => {
  const [ofProcesses, others] = [true, false].map((is) => names.filter((name) => name in OF_PROCESSES === is));
  const count = Math.max(ofProcesses?.length ?? 0, others?.length ?? 0);
  return Array.from({ length: count }, (_, n) => [ofProcesses?.[n] ?? [], others?.[n] ?? []].flat());
};
