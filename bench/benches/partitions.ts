import type { Bench, BenchContext, Figures } from "../bench.ts";
import { measureClaims } from "../claims/measure-claims.ts";
import { noteOfOthers } from "../cpu.ts";
import { type Pipeline, type PipelineRun, startPipeline } from "../pipeline/pipeline.ts";

const PARTITIONS = 4;
/** Borne by one partition, also on a machine that has other things to do. */
const RATE = 2_000;

export const partitions: Bench = {
  name: "partitions",
  about: "one partition alone, then four at the same offered rate in all, on a cluster of three masters and replicas",
  seed: 27_000,
  async run(context) {
    const claims = await measureClaims(context);
    const alone = await measure(context, 1);
    const four = await measure(context, PARTITIONS);
    const otherCores = Math.max(alone.run.otherCores, four.run.otherCores);
    return {
      figures: {
        ...{ rate: four.run.rate, alone: figuresOf(alone.run), four: figuresOf(four.run) },
        claims: { ...claims },
        cpuRatio: ratio(four.run.microsPerPlayer?.all, alone.run.microsPerPlayer?.all),
        redisRatio: ratio(four.run.microsPerPlayer?.redis, alone.run.microsPerPlayer?.redis),
        toldRatio: four.run.told / alone.run.told,
        lost: alone.lost + four.lost,
        duplicates: alone.duplicates + four.duplicates,
        inconsistencies: alone.inconsistencies + four.inconsistencies,
      },
      rows: [
        { figure: "rate", label: "offered in all", unit: "players/s" },
        ...(["alone", "four"] as const).flatMap((which) => [
          { figure: `${which}.told`, label: `${which}: told`, unit: "players" },
          { figure: `${which}.opponentWaited.p99`, label: "  opponent waits: p99", unit: "ms" },
          ...["all", "redis", "enqueue", "matchmaker", "mover", "sweeper", "relay"].map((role) => ({
            ...{ figure: `${which}.micros.${role}`, label: `  CPU per player: ${role}`, unit: "µs" },
          })),
        ]),
        { figure: "claims.withoutMicros", label: "CPU of Redis per enqueue: without claims", unit: "µs" },
        { figure: "claims.absentMicros", label: "  no claim there", unit: "µs" },
        { figure: "claims.settledMicros", label: "  a claim of that partition", unit: "µs" },
        { figure: "claims.movedMicros", label: "  a claim that moves", unit: "µs" },
        { figure: "claims.bytes", label: "  memory of a claim", unit: "bytes" },
        { figure: "cpuRatio", label: "CPU per player, four to one", unit: "×" },
        { figure: "redisRatio", label: "  of Redis", unit: "×" },
        { figure: "toldRatio", label: "told, four to one", unit: "×" },
        ...["lost", "duplicates", "inconsistencies"].map((figure) => ({ figure, label: figure })),
      ],
      goals: ["lost", "duplicates", "inconsistencies"].map((figure) => ({ figure, exactly: 0, isInvariant: true })),
      notes: [
        "One process per role serves all partitions. Redis is all six nodes: three masters, and a replica of each.",
        "Four partitions have a quarter of the players each, so their batches are smaller: compare CPU per player at the same rate in each with pipeline-core.",
        ...noteOfOthers(otherCores),
      ],
    };
  },
};

const measure = async (context: BenchContext, count: number) => {
  context.say(`${count} partition${count > 1 ? "s" : ""}`);
  await using pipeline: Pipeline = await startPipeline(context, { partitions: count, cluster: true });
  await pipeline.offer({ rate: RATE / 2, forMs: 3_000, seed: context.seed });
  const run = await pipeline.offer({ rate: RATE, forMs: context.quick ? 4_000 : 10_000, seed: context.seed + 1e6 });
  const { lost, duplicates, inconsistencies } = await pipeline.audit();
  return { run, lost, duplicates, inconsistencies: inconsistencies.length };
};

const figuresOf = ({ told, offered, opponentWaitedMs, waitMs, microsPerPlayer }: PipelineRun): Figures => ({
  ...{ told, offered, micros: microsPerPlayer },
  opponentWaited: { p50: opponentWaitedMs.percentile(50), p99: opponentWaitedMs.percentile(99) },
  wait: { p50: waitMs.percentile(50), p99: waitMs.percentile(99) },
});

const ratio = (one: Figures[string] | undefined, other: Figures[string] | undefined): number | null =>
  typeof one === "number" && typeof other === "number" && other > 0 ? one / other : null;
