import { setTimeout as sleep } from "node:timers/promises";
import { readQueues, systemClock } from "@muster/core/service";
import { connect, createKeys, disconnect, openProducer, openStore, toCommitJob } from "@muster/store";
import { findInconsistencies, startTestRedis } from "@muster/store/testing";
import type { BenchContext } from "../bench.ts";
import { startChild } from "../child.ts";
import { readCrowd } from "../pipeline/crowd.ts";
import { writePatientQueues } from "../pipeline/patient-queues.ts";
import { DURABLE } from "../pipeline/pipeline.ts";
import type { RoleCalls } from "../pipeline/role-process.ts";
import { watchRedis } from "../redis-info.ts";
import { sendBare } from "./bare-commands.ts";
import { encodeFloor } from "./floor.ts";
import { prepareProposals } from "./prepare.ts";

export interface CommitRun {
  matchesPerSecond: number;
  redisMicrosPerMatch: number;
}

export interface CommitOrder {
  queue: string;
  matches: number;
  seed: number;
}

/** As the matchmaker sends them under load. */
const PLAYERS_PER_JOB = 200;
const LOOK_MS = 10;
const LIMIT_MS = 120_000;

/** A Redis with everybody waiting, and a proposal for each match. */
const prepare = async (held: AsyncDisposableStack, { queue: name, matches, seed }: CommitOrder) => {
  const queuesFile = await writePatientQueues(held);
  const queue = (await readQueues(queuesFile)).get(name);
  if (!queue) throw new Error(`no queue ${name}`);
  const redis = held.adopt(await startTestRedis({ args: DURABLE }), (started) => started.stop());
  const url = redis.url;
  const store = held.adopt(await openStore({ url, partition: "main", name: "bench", clock: systemClock }), (opened) =>
    opened.close(),
  );
  const info = held.adopt(await watchRedis(url), (watch) => watch.close());
  const proposals = await prepareProposals(store, queue, await readCrowd("commits", seed), matches);
  return { queuesFile, queue, redis, url, store, info, proposals };
};

/** The mover as it ships, alone, with all its jobs waiting. @throws when a match is missing or Redis is inconsistent */
export const measureMover = async ({ signal, say }: BenchContext, order: CommitOrder): Promise<CommitRun> => {
  say(`${order.matches} matches of ${order.queue} by the mover`);
  await using held = new AsyncDisposableStack();
  const { queuesFile, queue, url, store, info, proposals } = await prepare(held, order);
  const jobs = held.adopt(openProducer("commit", { url, keys: store.keys, name: "bench" }), (opened) => opened.close());
  const perJob = Math.max(1, Math.floor(PLAYERS_PER_JOB / (proposals[0]?.tickets.length ?? 1)));
  for (let from = 0; from < proposals.length; from += perJob) {
    await jobs.add(toCommitJob(queue.name, proposals.slice(from, from + perJob)));
  }
  const raw = held.adopt(connect(url, "bench", "main"), disconnect);
  await raw.connect();
  const child = held.use(startChild<RoleCalls>(new URL("../pipeline/role-process.ts", import.meta.url), signal));
  const env = { REDIS_URL: url, MUSTER_QUEUES: queuesFile, MUSTER_NAME: "mover-1", MUSTER_PORT: "0" };
  await child.ask("start", { role: "mover", env });
  const readings: { at: number; matches: number; micros: number }[] = [];
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  for (let matches = 0; matches < order.matches; ) {
    await sleep(LOOK_MS, undefined, { signal: limit });
    matches = await raw.zcard(store.keys.matchDue);
    readings.push({ at: performance.now(), matches, micros: (await info.read()).cpuMicros });
  }
  await child.ask("stop", undefined);
  raw.options.commandTimeout = LIMIT_MS;
  const faults = await findInconsistencies(raw, createKeys("main"));
  if (faults.length > 0) throw new Error(`${faults.length} inconsistencies; the first: ${faults[0]}`);
  // The process' first commits, and the last job, are no measure.
  const first = readings.find(({ matches }) => matches >= order.matches * 0.1);
  const last = readings.findLast(({ matches }) => matches <= order.matches * 0.95);
  if (!first || !last || last.matches <= first.matches) throw new Error("too few matches to measure by");
  const matches = last.matches - first.matches;
  return {
    matchesPerSecond: (matches * 1_000) / (last.at - first.at),
    redisMicrosPerMatch: (last.micros - first.micros) / matches,
  };
};

export const measureFloor = async ({ say }: BenchContext, order: CommitOrder): Promise<CommitRun> => {
  say(`${order.matches} matches of ${order.queue} by bare commands`);
  await using held = new AsyncDisposableStack();
  const { queue, redis, store, info, proposals } = await prepare(held, order);
  const chunks = encodeFloor(store.keys, queue, proposals, systemClock.now());
  const before = (await info.read()).cpuMicros;
  const elapsedMs = await sendBare(redis.port, chunks);
  const micros = (await info.read()).cpuMicros - before;
  return {
    matchesPerSecond: (order.matches * 1_000) / elapsedMs,
    redisMicrosPerMatch: micros / order.matches,
  };
};
