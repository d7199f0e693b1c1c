import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "@muster/cli";
import { startTestRedis } from "@muster/store/testing";
import { FAULTS, pairUp } from "./faults.ts";
import { type Mark, measureRecovery, type Recovery } from "./measure-recovery.ts";
import { startRedisProxy } from "./redis-proxy.ts";
import { type LoadReport, underLoad } from "./under-load.ts";

export interface FaultRun {
  /** Names of faults, in the order in which they happen. */
  faults: readonly string[];
  seed: number;
  /** Two at a time: one of processes and one of Redis or of connections. Then recovery is from both. */
  inPairs?: boolean;
  /** Taken out of the source: see mutate.mjs. */
  mutant?: string;
  say?: (text: string) => void;
}

export interface FaultReport extends LoadReport {
  /** For each fault how long nobody was told of a new match around it, ms. */
  gaps: { fault: string; gapMs: number }[];
  recoveries: Recovery[];
  /** When the faults happened. */
  marks: readonly Mark[];
}

/** Load before each fault, and after it before the next. */
const BEFORE_MS = 700;
const AFTER_MS = 1_300;
const READY_LIMIT_MS = 30_000;

const here = (file: string) => new URL(file, import.meta.url).href;

const faultNamed = (name: string) => {
  const fault = FAULTS[name];
  if (!fault) throw new Error(`there is no fault "${name}"`);
  return fault;
};

/** Lets faults happen to a whole system under load, one after the other, and has the checker decide what broke. */
export const runFaults = async ({
  faults,
  seed,
  inPairs = false,
  mutant = "",
  say = () => {},
}: FaultRun): Promise<FaultReport> => {
  await using held = new AsyncDisposableStack();
  const clocks = await mkdtemp(join(tmpdir(), "muster-clocks-"));
  held.defer(() => rm(clocks, { recursive: true, force: true }));
  const redis = held.adopt(await startTestRedis({ appendOnly: true }), (server) => server.stop());
  const proxy = held.adopt(await startRedisProxy(redis.port), (started) => started.close());
  const hooks = `--import ${here("./skew-clock.mjs")} --import ${here("./mutate.mjs")}`;
  const env = { NODE_OPTIONS: hooks, MUSTER_TEST_CLOCKS: clocks, MUSTER_TEST_MUTANT: mutant };
  const random = seededRandom(seed);
  const gaps: FaultReport["gaps"] = [];
  const marks: Mark[] = [];
  const report = await underLoad(
    { redisUrl: proxy.url, refereeUrl: redis.url, seed, env, withHttpProxies: true, say },
    async ({ system, clients, http, watchGap }) => {
      if (!http) throw new Error("there are no proxies");
      const scene = { system, redis, proxy, http, players: clients.players, random, clocks };
      const rounds = inPairs ? pairUp(faults) : faults.map((name) => [name]);
      for (const [index, names] of rounds.entries()) {
        await sleep(BEFORE_MS);
        const gap = watchGap();
        const at = Date.now();
        const begun = await Promise.all(
          names.map(async (fault) => {
            const led: string[] = [];
            await faultNamed(fault)({ ...scene, tookLeaderOf: (partitions) => void led.push(...partitions) });
            return { fault, at, backAt: Date.now(), led };
          }),
        );
        await system.ready(READY_LIMIT_MS);
        await sleep(AFTER_MS);
        const gapMs = gap();
        marks.push(...begun.map((mark) => ({ ...mark, overAt: Date.now() })));
        gaps.push(...names.map((fault) => ({ fault, gapMs })));
        say(`${index + 1}/${rounds.length} ${names.join(", ")}: ${gapMs} ms without a new match`);
      }
    },
  );
  return { ...report, gaps, marks, recoveries: measureRecovery(report.history, marks) };
};
