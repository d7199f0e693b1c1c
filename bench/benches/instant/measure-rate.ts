import type { ChildProcess } from "node:child_process";
import { Samples } from "@muster/cli";
import type { BenchContext, Figures } from "../../bench.ts";
import { cpuBetween, noteOfOthers, readCpu, sumOf } from "../../cpu.ts";
import { watchRedis } from "../../redis-info.ts";
import type { BenchSystem } from "../../system.ts";
import { askProcess } from "./ask-process.ts";

/** A newcomer fits one in so many of those who wait. */
export const GROUPS = 50;
const WAITING_PER_PROCESS = 1_000;

export interface Rate {
  /** Requests: half of them of newcomers, half of those who wait again after a session. */
  readonly usersPerS: number;
  readonly forMs: number;
  /** Users who wait at any time. */
  readonly waiting: number;
}

export interface MeasuredRate {
  readonly figures: Figures;
  readonly notes: string[];
}

/** Users come at a rate while others wait: how long it takes from a request to its session, and what that costs the servers. */
export const measureRate = async (
  { signal, say }: BenchContext,
  system: BenchSystem,
  { usersPerS, forMs, waiting }: Rate,
): Promise<MeasuredRate> => {
  const children: ChildProcess[] = [];
  const redis = await watchRedis(system.redisUrl);
  const { url } = system;
  const come = async (name: string, ms: number) => {
    const order = { kind: "newcomers", url, name, perS: usersPerS / 2, forMs: ms, groups: GROUPS } as const;
    const { child, answer } = askProcess(order, signal);
    children.push(child);
    const found = await answer;
    if (found.kind !== "newcomers") throw new Error("another process answered");
    return found;
  };
  try {
    say(`${waiting} users wait`);
    for (let first = 0; first < waiting; first += WAITING_PER_PROCESS) {
      const count = Math.min(WAITING_PER_PROCESS, waiting - first);
      const { child, answer } = askProcess({ kind: "waiting", url, first, count, groups: GROUPS }, signal);
      children.push(child);
      await answer;
    }
    say(`${usersPerS.toFixed(1)} users/s for ${forMs / 1_000} s`);
    // Node compiles what runs often: not with users who count.
    await come("early", 3_000);
    const [redisBefore, before] = [await redis.read(), readCpu(system.measured())];
    const found = await come("new", forMs);
    const [redisAfter, after] = [await redis.read(), readCpu(system.measured())];
    const samples = new Samples();
    for (const ms of found.sessionMs) samples.add(ms);
    const requests = 2 * (found.sessionMs.length + found.missed);
    const use = before && after && cpuBetween(before, after);
    const elapsedS = before && after ? (after.at - before.at) / 1_000 : 0;
    const coresOf = (role: string) =>
      use && sumOf([...use.cores].flatMap(([name, cores]) => (system.roleOf(name) === role ? [cores] : [])));
    const microsOf = (role: string) => {
      const cores = coresOf(role);
      return cores === null ? null : Math.round((cores * elapsedS * 1e6) / requests);
    };
    return {
      figures: {
        ...{ usersPerS, waiting, sessions: found.sessionMs.length, missed: found.missed },
        sessionMs: { p50: samples.percentile(50), p99: samples.percentile(99), most: samples.percentile(100) },
        playserverCores: coresOf("playserver"),
        microsPerRequest: {
          playserver: microsOf("playserver"),
          nginx: microsOf("nginx"),
          redis: Math.round((redisAfter.cpuMicros - redisBefore.cpuMicros) / requests),
        },
      },
      notes: [
        ...(found.firstMiss === undefined ? [] : [`The first newcomer without a session: ${found.firstMiss}.`]),
        ...(use ? noteOfOthers(use.otherCores) : []),
      ],
    };
  } finally {
    for (const child of children) child.kill("SIGKILL");
    await redis.close();
  }
};
