import { setTimeout as sleep } from "node:timers/promises";
import { createKeys } from "@muster/store";
import { startTestCluster, startTestRedis } from "@muster/store/testing";
import type { BenchContext, Figures } from "../bench.ts";
import { type Child, startChild } from "../child.ts";
import { cpuBetween, type Measured, readRssMiB, sumOf } from "../cpu.ts";
import type { Flood, ToldAt } from "../peer/flood.ts";
import { type CommandCost, callsBetween, watchRedis } from "../redis-info.ts";
import { type Audit, audit } from "./audit.ts";
import { readCrowd } from "./crowd.ts";
import type { EnqueueCalls } from "./enqueue-process.ts";
import { duelIn, partitionNamed, writePatientQueues } from "./patient-queues.ts";
import { costs, read, type Waits, waits } from "./readings.ts";
import type { PipelineRole, RoleCalls } from "./role-process.ts";
import { shareCpu } from "./share-cpu.ts";
import type { WatchCalls } from "./watch-process.ts";

/** Everything between an enqueue and its notification but HTTP and WebSockets: one process per role, and a Redis. */
export interface Pipeline extends AsyncDisposable {
  offer(load: PipelineLoad): Promise<PipelineRun>;
  /**
   * As many players as it takes: `inFlight` at once in each partition. Its players are not part of the audit.
   *
   * @param order with `returning`, players have been in their partition before, as nearly all have
   */
  flood(order: Omit<Flood, "crowd"> & { returning?: boolean }): Promise<FloodRun>;
  /** What everything takes while nobody comes. */
  rest(forMs: number): Promise<Rest>;
  /**
   * Has Redis begin to compact its append-only file, as it does each half minute or so at high rates: then whether that
   * falls into a run isn't left to chance.
   */
  compact(): Promise<void>;
  /** Tickets that wait in Redis. */
  waiting(): Promise<number>;
  /** Memory of all processes but Redis, in MiB; 0 where the operating system doesn't tell. */
  rssMiB(): number;
  /** Stops everything but Redis, and compares what it holds with everyone who was offered. */
  audit(): Promise<Audit>;
}

export interface PipelineLoad {
  /** Players per second. */
  rate: number;
  forMs: number;
  seed: number;
}

/** What was spent while players came, and on how many. */
export interface PipelineCosts {
  /** Of CPU per player told, by role and of Redis; null where the operating system doesn't tell. */
  microsPerPlayer: Figures | null;
  redisMicrosPerPlayer: number;
  /** What Redis did in the same time. */
  commands: CommandCost[];
  /** How many were told in that time. */
  toldMeanwhile: number;
}

export interface PipelineRun extends PipelineLoad, Waits, PipelineCosts {
  offered: number;
  told: number;
  refused: number;
  firstRefusal?: string;
  behindMs: number;
  conflicts: number;
  /** What the services warned of. */
  troubles: number;
  proposals: number;
  otherCores: number;
}

export interface Rest {
  /** By role, of CPU. */
  cores: Figures;
  memoryMiB: Figures;
  /** To Redis; in a cluster to one of its masters. */
  connections: number;
  redisCallsPerS: number;
}

export interface FloodRun extends PipelineCosts {
  toldAt: ToldAt;
}

/** At the beginning of a run, not measured: what runs for the first time is slow. */
export const WARM_MS = 500;
/** After the last arrival, for whoever still finds a match. */
export const GRACE_MS = 1_500;
const GATHER_MS = 5;
/** What a pipeline bears is found by how long players wait, not by who is refused. */
const NOBODY_REFUSED_MS = 3_600_000;

const COMPACTION_LIMIT_MS = 60_000;

/** How often a flood is told how far it may go. */
const LOOK_MS = 5;

/** AOF everysec and packed records, as `muster up` runs it. */
export const DURABLE = [
  ...["--appendonly", "yes", "--appendfsync", "everysec", "--auto-aof-rewrite-min-size", "1gb"],
  ...["--rdbcompression", "no"],
  ...["--hash-max-listpack-value", "2304"],
];

const startOne = async () => {
  const redis = await startTestRedis({ args: DURABLE });
  return { url: redis.url, pids: () => [redis.pid], share: async () => {}, stop: () => redis.stop() };
};

const startCluster = async () => {
  const cluster = await startTestCluster({ args: DURABLE });
  const { url, nodes, stop } = cluster;
  const share = (partitions: readonly string[]) => shareCpu(cluster, partitions);
  return { url, pids: () => nodes.map(({ pid }) => pid), share, stop };
};

export const startPipeline = async (
  { signal, say }: Pick<BenchContext, "signal" | "say">,
  {
    queue = "duel",
    matchmakers = 1,
    maxDelayMs = NOBODY_REFUSED_MS,
    /** With more than one, of duel only. */
    partitions = 1,
    /** To which of them players come, counted from 1; absent: to each. */
    played = Array.from({ length: partitions }, (_, index) => index + 1),
    /** On a cluster of three masters with a replica each. */
    cluster = false,
    /** By how much all that is not Redis yields to it; and each Redis then has CPU by the partitions that it carries. */
    niceness = 0,
  } = {},
): Promise<Pipeline> => {
  await using held = new AsyncDisposableStack();
  const queuesFile = await writePatientQueues(held, partitions);
  const numbers = Array.from({ length: partitions }, (_, index) => index + 1);
  const redis = held.adopt(await (cluster ? startCluster() : startOne()), (started) => started.stop());
  if (niceness > 0) await redis.share(numbers.map(partitionNamed));
  const info = held.adopt(await watchRedis(redis.url), (watch) => watch.close());
  const child = <Calls extends RoleCalls | WatchCalls | EnqueueCalls>(module: string): Child<Calls> =>
    held.use(startChild<Calls>(new URL(module, import.meta.url), signal, niceness));
  const startRole = async (role: PipelineRole, name: string) => {
    const started = child<RoleCalls>("./role-process.ts");
    const env = { REDIS_URL: redis.url, MUSTER_QUEUES: queuesFile, MUSTER_NAME: name, MUSTER_PORT: "0" };
    await started.ask("start", { role, env });
    return { name: role, pid: started.pid, child: started };
  };
  const watcher = child<WatchCalls>("./watch-process.ts");
  await watcher.ask("open", { redisUrl: redis.url, queuesFile });
  const mover = await startRole("mover", "mover-1");
  const others = await Promise.all([
    ...Array.from({ length: matchmakers }, (_, n) => startRole("matchmaker", `matchmaker-${n + 1}`)),
    startRole("sweeper", "sweeper-1"),
  ]);
  const enqueuer = child<EnqueueCalls>("./enqueue-process.ts");
  const queues = partitions === 1 ? [queue] : played.map(duelIn);
  await enqueuer.ask("open", { redisUrl: redis.url, queuesFile, queues, gatherMs: GATHER_MS, maxDelayMs });
  const measured = (): Measured[] => [
    ...redis.pids().map((pid) => ({ name: "redis", pid })),
    { name: "enqueue", pid: enqueuer.pid },
    ...[mover, ...others].map(({ pid }, index) => ({ name: `${index}`, pid })),
    { name: "relay", pid: watcher.pid },
  ];
  const roleOf = (name: string) => [mover, ...others][Number(name)]?.name ?? name;

  const accepted: string[] = [];
  let runs = 0;
  let troublesBefore = 0;
  const offer = async (load: PipelineLoad): Promise<PipelineRun> => {
    const count = Math.round((load.rate * load.forMs) / 1_000);
    const crowd = `r${++runs}`;
    say(`${Math.round(load.rate)} players/s for ${load.forMs / 1_000} s`);
    await watcher.ask("watch", { crowd, count });
    const conflictsBefore = await mover.child.ask("conflicts", undefined);
    const before = await read(info, measured(), watcher);
    const offered = await enqueuer.ask("offer", { crowd, count, rate: load.rate, seed: load.seed });
    const after = await read(info, measured(), watcher);
    await sleep(GRACE_MS, undefined, { signal });
    const endAt = performance.timeOrigin + performance.now();
    const toldOf = await watcher.ask("told", undefined);
    const conflicts = (await mover.child.ask("conflicts", undefined)) - conflictsBefore;
    const warned = await Promise.all([mover, ...others].map(({ child: role }) => role.ask("troubles", undefined)));
    const troubles = warned.reduce((sum, each) => sum + each.count, 0) - troublesBefore;
    troublesBefore += troubles;
    const first = warned.find((each) => each.first !== undefined)?.first;
    if (troubles > 0) say(`${troubles} warnings; the first: ${first?.slice(0, 300)}`);
    const ids = await readCrowd(crowd, 0);
    const refusedOnes = new Set(offered.refused);
    for (let n = 0; n < count; n++) if (!refusedOnes.has(n)) accepted.push(ids.id(n));
    const told = toldOf.at.reduce((sum, at) => sum + (Number.isNaN(at) ? 0 : 1), 0);
    const { firstRefusal, behindMs } = offered;
    const refused = refusedOnes.size;
    return {
      ...load,
      ...{ offered: count, told, refused, behindMs, conflicts, troubles, proposals: told / 2 + conflicts },
      ...(firstRefusal !== undefined && { firstRefusal }),
      ...waits(offered, toldOf, await readCrowd(crowd, load.seed), endAt, (load.rate * WARM_MS) / 1_000),
      ...costs(before, after, roleOf),
    };
  };
  const flood: Pipeline["flood"] = async ({ seed, count, forMs, inFlight, returning = false }) => {
    const crowd = `f${++runs}`;
    if (returning) await enqueuer.ask("settle", { crowd, count });
    await watcher.ask("watch", { crowd, count, places: queues.length });
    const before = await read(info, measured(), watcher);
    const flooding = enqueuer.ask("flood", { crowd, seed, count });
    const endAt = performance.now() + forMs;
    while (performance.now() < endAt) {
      const told = await watcher.ask("toldByPlace", undefined);
      await enqueuer.ask(
        "allow",
        told.map((count) => count + inFlight),
      );
      await sleep(LOOK_MS, undefined, { signal });
    }
    const after = await read(info, measured(), watcher);
    await enqueuer.ask("allow", []);
    await flooding;
    return { toldAt: (await watcher.ask("told", undefined)).at, ...costs(before, after, roleOf) };
  };
  const auditAtRest = async () => {
    await enqueuer.ask("close", undefined);
    for (const { child: role } of [...others, mover]) await role.ask("stop", undefined);
    return audit({ redisUrl: redis.url, accepted, partitions: numbers.map(partitionNamed), signal });
  };
  const release = held.move();
  const keys = createKeys("main");
  const waiting = async () => (await info.redis.zcard(keys.due(queue))) ?? 0;
  const compact = async () => {
    const isCompacting = async () => /^aof_rewrite_in_progress:1/m.test(await info.redis.info("persistence"));
    const limit = AbortSignal.any([signal, AbortSignal.timeout(COMPACTION_LIMIT_MS)]);
    while (await isCompacting()) await sleep(100, undefined, { signal: limit });
    await info.redis.bgrewriteaof();
  };
  const rssMiB = () => {
    const measuredMiB = readRssMiB(measured().filter(({ name }) => name !== "redis"));
    return [...measuredMiB.values()].reduce((sum, each) => sum + each, 0);
  };
  const rest: Pipeline["rest"] = async (forMs) => {
    const before = await read(info, measured(), watcher);
    await sleep(forMs, undefined, { signal });
    const after = await read(info, measured(), watcher);
    const use = before.cpu && after.cpu && cpuBetween(before.cpu, after.cpu);
    const clients = /^connected_clients:(\d+)/m.exec(await info.redis.info("clients"))?.[1];
    return {
      cores: byRole(use?.cores ?? new Map()),
      memoryMiB: byRole(readRssMiB(measured())),
      connections: Number(clients),
      redisCallsPerS:
        callsBetween(before.redis, after.redis).reduce((sum, [, calls]) => sum + calls, 0) / (forMs / 1_000),
    };
  };
  const byRole = (values: ReadonlyMap<string, number>): Figures => {
    const sums: Record<string, number> = { all: sumOf(values.values()) };
    for (const [name, value] of values) sums[roleOf(name)] = (sums[roleOf(name)] ?? 0) + value;
    return sums;
  };
  return {
    offer,
    flood,
    rest,
    compact,
    waiting,
    rssMiB,
    audit: auditAtRest,
    [Symbol.asyncDispose]: () => release.disposeAsync(),
  };
};
