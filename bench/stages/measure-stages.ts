import { setTimeout as sleep } from "node:timers/promises";
import { MusterError, type Queue } from "@muster/core";
import { readQueues, silentLogger, systemClock, systemIds } from "@muster/core/service";
import { search } from "@muster/matchmaker";
import { commit, createCommitConnections } from "@muster/mover";
import { enqueue, handOutSearches, type SearchTicket } from "@muster/orchestrator";
import { openProducer, openStore, openWorker } from "@muster/store";
import { startTestRedis } from "@muster/store/testing";
import type { BenchContext } from "../bench.ts";
import { startChild } from "../child.ts";
import { readCpu } from "../cpu.ts";
import { type Crowd, readCrowd } from "../pipeline/crowd.ts";
import { writePatientQueues } from "../pipeline/patient-queues.ts";
import { DURABLE } from "../pipeline/pipeline.ts";
import type { WatchCalls } from "../pipeline/watch-process.ts";
import { watchRedis } from "../redis-info.ts";
import { openGate } from "./gate.ts";

export const STAGES = ["enqueue", "handOut", "match", "commit"] as const;
export type Stage = (typeof STAGES)[number];

export interface StageCosts {
  /** µs per matched player. */
  costs: Record<Stage, { nodeMicros: number; redisMicros: number }>;
  /** Null where the operating system doesn't tell. */
  relayMicros: number | null;
  matched: number;
}

export const PER_ROUND = 800;
const [PER_CALL, CALLS] = [50, 4];
/** A stage takes some ms. */
const STUCK_MS = 30_000;
const TOKEN = "bench";
/** As the mover's and the matchmaker's services. */
const [COMMITS_AT_ONCE, SEARCHES_AT_ONCE] = [4, 2];

/**
 * The stages by their own functions, jobs through BullMQ and all, each only once the one before is done with a round of
 * players: so what a process spends in a stage can be told apart, and batches are alike however busy the machine is.
 */
export const measureStages = async (
  { signal, say, quick, seed }: BenchContext,
  { warmUp, rounds } = { warmUp: 10, rounds: quick ? 20 : 50 },
): Promise<StageCosts> => {
  await using held = new AsyncDisposableStack();
  const queuesFile = await writePatientQueues(held);
  const queues = await readQueues(queuesFile);
  const queue = queues.get("duel");
  if (!queue) throw new Error("queues.json has no queue duel");
  const redis = held.adopt(await startTestRedis({ args: DURABLE }), (started) => started.stop());
  const { url } = redis;
  const store = held.adopt(await openStore({ url, partition: "main", name: "bench", clock: systemClock }), (opened) =>
    opened.close(),
  );
  await store.holdLease(TOKEN, 3_600_000);
  const info = held.adopt(await watchRedis(url), (watch) => watch.close());
  const { keys } = store;
  const searches = held.adopt(openProducer("search", { url, keys, name: "bench" }), (opened) => opened.close());
  const commits = held.adopt(openProducer("commit", { url, keys, name: "bench" }), (opened) => opened.close());
  const connections = held.adopt(createCommitConnections(url, "bench-commit", "main"), (opened) => opened.close());
  const watcher = held.use(startChild<WatchCalls>(new URL("../pipeline/watch-process.ts", import.meta.url), signal));
  await watcher.ask("open", { redisUrl: url, queuesFile });
  const crowdOf = async (name: string, count: number) => {
    await watcher.ask("watch", { crowd: name, count });
    return readCrowd(name, seed);
  };

  const found = { matches: 0, dropped: 0, proposals: 0, toSearch: 0, searched: 0 };
  let waiting: SearchTicket[] = [];
  const context = {
    ...{ name: "bench", store, queues, ids: systemIds, admission: { refusal: () => undefined } },
    searches: { add: (_: Queue, ticket: SearchTicket) => void waiting.push(ticket) },
  };
  // Who was matched out of another's range is no longer handed out, so it is counted what is.
  const counted: typeof searches = {
    ...searches,
    add: async (job) => {
      found.toSearch += job.serve.length;
      await searches.add(job);
    },
  };
  const searchDeps = {
    ...{ name: "matchmaker-1", store, commits, queues, ids: systemIds, log: silentLogger },
    pause: (ms: number) => sleep(ms),
  };
  const commitDeps = {
    ...{ store, connections, fence: TOKEN, queues, log: silentLogger },
    stepDown: () => {
      throw new Error("another mover leads");
    },
  };
  const failures: unknown[] = [];
  const onError = (error: Error) => void failures.push(error);
  const searchGate = openGate();
  const commitGate = openGate();
  const options = { url, keys, onError };
  held.adopt(
    openWorker("search", { ...options, name: "bench-match", concurrency: SEARCHES_AT_ONCE }, async (job) => {
      await searchGate.passed();
      const { proposals } = await search(searchDeps, job);
      found.proposals += proposals;
      found.searched += job.serve.length;
    }),
    (worker) => worker.close(),
  );
  held.adopt(
    openWorker("commit", { ...options, name: "bench-move", concurrency: COMMITS_AT_ONCE }, async (job) => {
      await commitGate.passed();
      const { committed, conflicts } = await commit(commitDeps, job);
      found.matches += committed.length;
      found.dropped += [...conflicts.values()].reduce((sum, count) => sum + count, 0);
    }),
    (worker) => worker.close(),
  );

  const spent: StageCosts["costs"] = { enqueue: none(), handOut: none(), match: none(), commit: none() };
  const spend = async (stage: Stage, work: () => Promise<unknown>) => {
    const before = await info.cpuMicros();
    const own = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(own);
    spent[stage].nodeMicros += user + system;
    spent[stage].redisMicros += (await info.cpuMicros()) - before;
    if (failures.length > 0) throw failures[0];
  };
  const until = async (isDone: () => boolean) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(STUCK_MS)]);
    while (!isDone()) await sleep(1, undefined, { signal: limit });
  };

  const runRound = async (crowd: Crowd, from: number) => {
    waiting = [];
    await spend("enqueue", async () => {
      let next = from;
      const some = async () => {
        while (next < from + PER_ROUND) {
          const first = next;
          next += PER_CALL;
          const requests = Array.from({ length: PER_CALL }, (_, n) => ({
            players: [{ id: crowd.id(first + n), ...crowd.person(first + n) }],
          }));
          const refused = (await enqueue(context, queue, requests)).find((result) => result instanceof MusterError);
          if (refused) throw refused;
        }
      };
      await Promise.all(Array.from({ length: CALLS }, some));
    });
    let left: readonly SearchTicket[] = waiting;
    while (left.length > 0) {
      await spend("handOut", async () => {
        left = await handOutSearches({ store, searches: counted }, queue, left);
      });
      await spend("match", () => searchGate.openWhile(() => until(() => found.searched >= found.toSearch)));
      await spend("commit", () =>
        commitGate.openWhile(() => until(() => found.matches + found.dropped >= found.proposals)),
      );
    }
  };

  const warm = await crowdOf("warm", warmUp * PER_ROUND);
  say("warming up");
  for (let round = 0; round < warmUp; round++) await runRound(warm, round * PER_ROUND);
  const crowd = await crowdOf("stages", rounds * PER_ROUND);
  for (const stage of STAGES) spent[stage] = none();
  const before = { matches: found.matches, cpu: readCpu([{ name: "relay", pid: watcher.pid }]) };
  say(`${rounds} rounds of ${PER_ROUND} players`);
  for (let round = 0; round < rounds; round++) await runRound(crowd, round * PER_ROUND);
  const after = readCpu([{ name: "relay", pid: watcher.pid }]);
  const matched = 2 * (found.matches - before.matches);
  const relay = (after?.seconds.get("relay") ?? Number.NaN) - (before.cpu?.seconds.get("relay") ?? Number.NaN);
  for (const stage of STAGES) {
    spent[stage].nodeMicros /= matched;
    spent[stage].redisMicros /= matched;
  }
  return { costs: spent, relayMicros: after ? (relay * 1e6) / matched : null, matched };
};

const none = () => ({ nodeMicros: 0, redisMicros: 0 });
