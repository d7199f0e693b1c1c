import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, BenchContext, Figures } from "../bench.ts";
import { noteOfOthers } from "../cpu.ts";
import { type Pipeline, type PipelineRun, type Rest, startPipeline } from "../pipeline/pipeline.ts";

const MANY = 64;
/** In all; each of many partitions has its share. */
const RATE = 1_280;
const SETTLE_MS = 5_000;

export const manyPartitions: Bench = {
  name: "many-partitions",
  about: `${MANY} partitions on one machine and one Redis, each with a share of the players, beside one partition with all`,
  seed: 28_000,
  async run(context) {
    const one = await measure(context, 1);
    const many = await measure(context, MANY);
    const per = (what: (rest: Rest) => number) => (what(many.rest) - what(one.rest)) / (MANY - 1);
    return {
      figures: {
        ...{ rate: RATE, one: figuresOf(one), many: figuresOf(many) },
        perPartition: {
          idleCpuPercent: per(({ cores }) => Number(cores.all) * 100),
          memoryMiB: per(({ memoryMiB }) => Number(memoryMiB.all)),
          connections: per(({ connections }) => connections),
          redisCallsPerS: per(({ redisCallsPerS }) => redisCallsPerS),
        },
        lost: one.lost + many.lost,
        duplicates: one.duplicates + many.duplicates,
        inconsistencies: one.inconsistencies + many.inconsistencies,
      },
      rows: [
        { figure: "rate", label: "offered in all", unit: "players/s" },
        ...(["one", "many"] as const).flatMap((which) => [
          { figure: `${which}.told`, label: `${which}: told`, unit: "players" },
          { figure: `${which}.opponentWaited.p99`, label: "  opponent waits: p99", unit: "ms" },
          { figure: `${which}.micros.all`, label: "  CPU per player", unit: "µs" },
          { figure: `${which}.micros.redis`, label: "  of Redis", unit: "µs" },
          { figure: `${which}.idleCores.all`, label: "  CPU while nobody comes", unit: "cores" },
          { figure: `${which}.memoryMiB.all`, label: "  memory, Redis included", unit: "MiB" },
          { figure: `${which}.connections`, label: "  connections to Redis" },
          { figure: `${which}.redisCallsPerS`, label: "  calls of Redis while nobody comes", unit: "/s" },
        ]),
        {
          figure: "perPartition.idleCpuPercent",
          label: "one more partition: CPU while nobody comes",
          unit: "% of a core",
        },
        { figure: "perPartition.memoryMiB", label: "  memory", unit: "MiB" },
        { figure: "perPartition.connections", label: "  connections to Redis" },
        { figure: "perPartition.redisCallsPerS", label: "  calls of Redis", unit: "/s" },
        ...["lost", "duplicates", "inconsistencies"].map((figure) => ({ figure, label: figure })),
      ],
      goals: ["lost", "duplicates", "inconsistencies"].map((figure) => ({ figure, exactly: 0, isInvariant: true })),
      notes: [
        "One process per role serves all partitions. docs/scale.md says what follows from these figures.",
        ...noteOfOthers(Math.max(one.run.otherCores, many.run.otherCores)),
      ],
    };
  },
};

interface Measured {
  rest: Rest;
  run: PipelineRun;
  lost: number;
  duplicates: number;
  inconsistencies: number;
}

const measure = async (context: BenchContext, count: number): Promise<Measured> => {
  context.say(`${count} partition${count > 1 ? "s" : ""}`);
  await using pipeline: Pipeline = await startPipeline(context, { partitions: count });
  await sleep(SETTLE_MS, undefined, { signal: context.signal });
  const rest = await pipeline.rest(context.quick ? 5_000 : 15_000);
  await pipeline.offer({ rate: RATE / 2, forMs: 3_000, seed: context.seed });
  const run = await pipeline.offer({ rate: RATE, forMs: context.quick ? 6_000 : 15_000, seed: context.seed + 1e6 });
  const { lost, duplicates, inconsistencies } = await pipeline.audit();
  return { rest, run, lost, duplicates, inconsistencies: inconsistencies.length };
};

const figuresOf = ({ rest, run }: Measured): Figures => ({
  ...{ told: run.told, offered: run.offered, micros: run.microsPerPlayer },
  opponentWaited: { p50: run.opponentWaitedMs.percentile(50), p99: run.opponentWaitedMs.percentile(99) },
  wait: { p50: run.waitMs.percentile(50), p99: run.waitMs.percentile(99) },
  ...{ idleCores: rest.cores, memoryMiB: rest.memoryMiB },
  ...{ connections: rest.connections, redisCallsPerS: rest.redisCallsPerS },
});
