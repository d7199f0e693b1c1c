import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, Figures, Row } from "../bench.ts";
import { cpuBetween, noteOfOthers, readCpu, readRssMiB, sumOf } from "../cpu.ts";
import { callsBetween, watchRedis } from "../redis-info.ts";
import { startBenchSystem } from "../system.ts";

const SETTLE_MS = 5_000;
/** Commands of Redis to name: the most frequent ones. */
const COMMANDS_SHOWN = 8;

export const idle: Bench = {
  name: "idle",
  about: "the whole system with nobody in it; CPU in percent of one core",
  seed: 0,
  async run(context) {
    const { quick, signal, say } = context;
    const forMs = quick ? 10_000 : 30_000;
    await using system = await startBenchSystem(context);
    await sleep(SETTLE_MS, undefined, { signal });
    say(`measuring for ${forMs / 1_000} s`);
    const cpuBefore = readCpu(system.measured());
    const redisBefore = await readRedis(system.redisUrl);
    // No connection of ours stays open meanwhile: what is measured is the system alone.
    await sleep(forMs, undefined, { signal });
    const cpuAfter = readCpu(system.measured());
    const redisAfter = await readRedis(system.redisUrl);

    const use = cpuBefore && cpuAfter && cpuBetween(cpuBefore, cpuAfter);
    const percent = Object.fromEntries([...(use?.cores ?? [])].map(([name, cores]) => [name, cores * 100]));
    const memory = readRssMiB(system.measured());
    const rssMiB: Record<string, number> = {};
    for (const [name, mebibytes] of memory) {
      const role = system.roleOf(name);
      rssMiB[role] = (rssMiB[role] ?? 0) + mebibytes;
    }
    const calls = callsBetween(redisBefore, redisAfter).map(
      ([name, count]) => [name, count / (forMs / 1_000)] as const,
    );
    const figures: Figures = {
      cpuPercent: { total: use ? sumOf(use.cores.values()) * 100 : null, ...percent },
      othersCpuPercent: use ? use.otherCores * 100 : null,
      rssMiB: { total: use ? sumOf(memory.values()) : null, ...rssMiB },
      redisCallsPerS: { total: sumOf(calls.map(([, rate]) => rate)), ...Object.fromEntries(calls) },
    };
    return {
      figures,
      rows: [
        ...rowsOf("cpuPercent", "CPU", ["total", ...Object.keys(percent)], "%"),
        { figure: "othersCpuPercent", label: "CPU of everything else here", unit: "%" },
        ...rowsOf("rssMiB", "memory", ["total", ...Object.keys(rssMiB)], "MiB"),
        ...rowsOf("redisCallsPerS", "Redis", ["total", ...calls.slice(0, COMMANDS_SHOWN).map(([name]) => name)], "/s"),
      ],
      goals: [{ figure: "cpuPercent.total", below: 3 }],
      notes: [
        ...(use ? noteOfOthers(use.otherCores) : ["CPU and memory of other processes can only be read on Linux."]),
        "Redis' calls include those that scripts and transactions make. Memory counts shared pages in each process.",
        ...system.notes(),
      ],
    };
  },
};

const readRedis = async (url: string) => {
  const redis = await watchRedis(url);
  try {
    return await redis.read();
  } finally {
    await redis.close();
  }
};

const rowsOf = (figure: string, label: string, names: readonly string[], unit: string): Row[] =>
  names.map((name) => ({ figure: `${figure}.${name}`, label: `${label} ${name}`, unit }));
