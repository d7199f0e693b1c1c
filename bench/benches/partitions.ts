import type { Bench, BenchContext, Figures } from "../bench.ts";
import { measureClaims } from "../claims/measure-claims.ts";
import { noteOfOthers } from "../cpu.ts";
import { median } from "../median.ts";
import { type FullLoad, IN_FLIGHT, measureFullLoad } from "../pipeline/full-load.ts";
import { type Pipeline, type PipelineRun, startPipeline } from "../pipeline/pipeline.ts";

const PARTITIONS = 4;
/** Of each partition, players per second: of four partitions two slow cores are just full. */
const EACH = 300;
const RATE = PARTITIONS * EACH;
/** The machine is another one from minute to minute. */
const TURNS = 3;
/** Which of the four is also played in alone: one with a master of its own, as two of four on three masters have. */
const ALONE = 2;
/** So that code is compiled before anything is measured: at so low a rate that would take long. */
const WARM_UP = { count: 100_000, forMs: 6_000, inFlight: 1_500 };

interface Turn {
  alone: FullLoad;
  four: FullLoad;
}

export const partitions: Bench = {
  name: "partitions",
  about:
    "one partition alone, with the players of one and of all, then four, on a cluster of three masters and replicas",
  seed: 27_000,
  async run(context) {
    const claims = await measureClaims(context);
    const quarter = await measure(context, 1, EACH);
    const alone = await measure(context, 1, RATE);
    const four = await measure(context, PARTITIONS, RATE);
    const only = await measureFullLoad(context, { partitions: 1, returning: true });
    const turns: Turn[] = [];
    while (turns.length < TURNS) {
      const alone = await measureFullLoad(context, { partitions: PARTITIONS, played: [ALONE], returning: true });
      turns.push({ alone, four: await measureFullLoad(context, { partitions: PARTITIONS, returning: true }) });
    }
    const newcomers = await measureFullLoad(context, { partitions: PARTITIONS, returning: false });
    const medianOf = (figure: (turn: Turn) => number | null): number =>
      median(turns.map((turn) => figure(turn) ?? Number.NaN));
    const all = [quarter, alone, four];
    // Who comes at full load is not followed, so that nobody of those can be found lost.
    const checked = [...all, only, newcomers, ...turns.flatMap(({ alone, four }) => [alone, four])];
    const otherCores = Math.max(...all.map(({ run }) => run.otherCores));
    const lost = all.reduce((sum, each) => sum + each.lost, 0);
    const sumOf = (figure: "duplicates" | "inconsistencies") => checked.reduce((sum, each) => sum + each[figure], 0);
    return {
      figures: {
        ...{ quarter: figuresOf(quarter.run), alone: figuresOf(alone.run), four: figuresOf(four.run) },
        claims: { ...claims },
        quarterCpuRatio: ratio(four.run.microsPerPlayer?.all, quarter.run.microsPerPlayer?.all),
        quarterWaitRatio: ratio(four.run.opponentWaitedMs.percentile(50), quarter.run.opponentWaitedMs.percentile(50)),
        cpuRatio: ratio(four.run.microsPerPlayer?.all, alone.run.microsPerPlayer?.all),
        redisRatio: ratio(four.run.microsPerPlayer?.redis, alone.run.microsPerPlayer?.redis),
        toldRatio: four.run.told / alone.run.told,
        full: {
          ...{ only: only.playersPerSecond, onlyMicros: only.microsPerPlayer },
          alone: medianOf(({ alone }) => alone.playersPerSecond),
          aloneMicros: medianOf(({ alone }) => alone.microsPerPlayer),
          four: medianOf(({ four }) => four.playersPerSecond),
          fourMicros: medianOf(({ four }) => four.microsPerPlayer),
          slowest: medianOf(({ four }) => four.slowest),
          ...{ newcomers: newcomers.playersPerSecond, newcomersMicros: newcomers.microsPerPlayer },
        },
        sumRatio: medianOf(({ alone, four }) => four.playersPerSecond / alone.playersPerSecond),
        shareRatio: medianOf(({ alone, four }) => (four.slowest * PARTITIONS) / alone.playersPerSecond),
        ...{ lost, duplicates: sumOf("duplicates"), inconsistencies: sumOf("inconsistencies") },
      },
      rows: [
        ...(["quarter", "alone", "four"] as const).flatMap((which) => [
          { figure: `${which}.rate`, label: `${LABELS[which]}: offered`, unit: "players/s" },
          { figure: `${which}.told`, label: "  told", unit: "players" },
          { figure: `${which}.opponentWaited.p50`, label: "  opponent waits: p50", unit: "ms" },
          { figure: `${which}.opponentWaited.p99`, label: "  p99", unit: "ms" },
          ...["all", "redis", "enqueue", "matchmaker", "mover", "sweeper", "relay"].map((role) => ({
            ...{ figure: `${which}.micros.${role}`, label: `  CPU per player: ${role}`, unit: "µs" },
          })),
        ]),
        { figure: "claims.withoutMicros", label: "CPU of Redis per enqueue: without claims", unit: "µs" },
        { figure: "claims.absentMicros", label: "  no claim there", unit: "µs" },
        { figure: "claims.settledMicros", label: "  a claim of that partition", unit: "µs" },
        { figure: "claims.movedMicros", label: "  a claim that moves", unit: "µs" },
        { figure: "claims.bytes", label: "  memory of a claim", unit: "bytes" },
        { figure: "quarterCpuRatio", label: "four to one with a quarter of the players: CPU per player", unit: "×" },
        { figure: "quarterWaitRatio", label: "  opponent waits: p50", unit: "×" },
        { figure: "cpuRatio", label: "four to one with all players: CPU per player", unit: "×" },
        { figure: "redisRatio", label: "  of Redis", unit: "×" },
        { figure: "toldRatio", label: "  told", unit: "×" },
        { figure: "full.only", label: "as many players as they take: one partition, the only one", unit: "players/s" },
        { figure: "full.onlyMicros", label: "  CPU per player", unit: "µs" },
        { figure: "full.alone", label: "  one of four, while nobody comes to the others", unit: "players/s" },
        { figure: "full.aloneMicros", label: "  CPU per player", unit: "µs" },
        { figure: "full.four", label: "  four", unit: "players/s" },
        { figure: "full.fourMicros", label: "  CPU per player", unit: "µs" },
        { figure: "full.slowest", label: "  the slowest of the four", unit: "players/s" },
        { figure: "sumRatio", label: "  all, to one of four alone", unit: "×" },
        { figure: "shareRatio", label: "  the slowest, to a quarter of one of four alone", unit: "×" },
        { figure: "full.newcomers", label: "  four, with nobody who was there before", unit: "players/s" },
        { figure: "full.newcomersMicros", label: "  CPU per player", unit: "µs" },
        ...["lost", "duplicates", "inconsistencies"].map((figure) => ({ figure, label: figure })),
      ],
      goals: [
        // No partition is slower than alone by more than its share of the CPU.
        { figure: "shareRatio", atLeast: 1 },
        ...["lost", "duplicates", "inconsistencies"].map((figure) => ({ figure, exactly: 0, isInvariant: true })),
      ],
      notes: [
        "One process per role serves all partitions. Redis is all six nodes: three masters, and a replica of each.",
        `As many as they take: with ${IN_FLIGHT} players at once in each partition and everything but Redis yielding to it, each time with processes of their own. One of four alone and all four in ${TURNS} turns, of which each figure is the median. Lost counts the rest of the bench.`,
        "Four partitions have a quarter of the players each, so their batches are smaller than those of one with all of them.",
        ...noteOfOthers(otherCores),
      ],
    };
  },
};

const LABELS = {
  quarter: "one partition, a quarter of the players",
  alone: "one partition, all players",
  four: "four",
};

const measure = async (context: BenchContext, count: number, rate: number) => {
  context.say(`${count} partition${count > 1 ? "s" : ""}`);
  await using pipeline: Pipeline = await startPipeline(context, { partitions: count, cluster: true });
  await pipeline.flood({ ...WARM_UP, seed: context.seed });
  const run = await pipeline.offer({ rate, forMs: context.quick ? 4_000 : 10_000, seed: context.seed + 1e6 });
  const { lost, duplicates, inconsistencies } = await pipeline.audit();
  return { run, lost, duplicates, inconsistencies: inconsistencies.length };
};

const figuresOf = ({ rate, told, offered, opponentWaitedMs, waitMs, microsPerPlayer }: PipelineRun): Figures => ({
  ...{ rate, told, offered, micros: microsPerPlayer },
  opponentWaited: { p50: opponentWaitedMs.percentile(50), p99: opponentWaitedMs.percentile(99) },
  wait: { p50: waitMs.percentile(50), p99: waitMs.percentile(99) },
});

const ratio = (one: Figures[string] | undefined, other: Figures[string] | undefined): number | null =>
  typeof one === "number" && typeof other === "number" && other > 0 ? one / other : null;
