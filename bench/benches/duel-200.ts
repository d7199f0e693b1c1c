import { seededRandom } from "@muster/cli";
import type { Bench, BenchContext } from "../bench.ts";
import { COST_ROWS, INVARIANTS, LOAD_ROWS, type MeasuredLoad, measureLoad } from "../measure-load.ts";
import { type ProbeTimes, runProbes } from "../prober.ts";
import { type BenchSystem, startBenchSystem } from "../system.ts";

const QUEUE = "duel";
const RATE = 200;
const PROBE_EVERY_MS = 400;
/** Of the arrivals' time, at its end: the last probes are over before the load is. */
const NO_PROBES_MS = 2_000;

/** Node compiles what runs often: the first seconds of a new process are told apart. */
const WARM_UP = { rate: RATE, forMs: 5_000, graceMs: 1_000 };

export const duel200: Bench = {
  name: "duel-200",
  about: `${RATE} real players/s in ${QUEUE} through nginx, whole system and load generator on this machine`,
  seed: 200,
  async run(context) {
    await using system = await startBenchSystem(context);
    const cold = await measureLoad(context, system, { ...WARM_UP, seed: context.seed + 1 });
    const [load, probes] = await loadAndProbe(context, system);
    return {
      figures: { ...load.figures, waitingMatch: probes.figures(), cold: { notifyMs: { ...cold.report.notifyMs } } },
      rows: [
        ...LOAD_ROWS,
        { figure: "waitingMatch.count", label: "probes of a waiting match" },
        { figure: "waitingMatch.missed", label: "probes that failed" },
        { figure: "waitingMatch.matchedMs.p50", label: "waiting match: answer to inmatch p50", unit: "ms" },
        { figure: "waitingMatch.matchedMs.p90", label: "waiting match: answer to inmatch p90", unit: "ms" },
        { figure: "waitingMatch.matchedMs.p99", label: "waiting match: answer to inmatch p99", unit: "ms" },
        { figure: "waitingMatch.enqueueAnswerMs.p50", label: "  the enqueue itself p50", unit: "ms" },
        { figure: "waitingMatch.ticketToCommitMs.p50", label: "  ticket made to match committed p50", unit: "ms" },
        { figure: "waitingMatch.commitToNotifiedMs.p50", label: "  match committed to notified p50", unit: "ms" },
        ...COST_ROWS,
      ],
      goals: [
        { figure: "notifyMs.p99", below: 50 },
        { figure: "waitingMatch.matchedMs.p50", below: 60 },
        { figure: "waitingMatch.missed", exactly: 0, isInvariant: false },
        ...INVARIANTS,
      ],
      notes: [
        `Before it, ${WARM_UP.forMs / 1_000} s of the same load to warm up; notification p99 in that: ${cold.report.notifyMs.p99} ms.`,
        ...(probes.missed > 0 ? [`The first probe that failed: ${probes.firstMiss}`] : []),
        ...load.notes,
        ...system.notes(),
      ],
    };
  },
};

/** When one of both fails, the other is stopped too. */
const loadAndProbe = async (context: BenchContext, system: BenchSystem): Promise<[MeasuredLoad, ProbeTimes]> => {
  const forMs = context.quick ? 15_000 : 60_000;
  const failed = new AbortController();
  const signal = AbortSignal.any([context.signal, failed.signal]);
  const arrivals = Promise.withResolvers<void>();
  const load = measureLoad({ ...context, signal }, system, { queue: QUEUE, rate: RATE, forMs }, arrivals.resolve);
  const probes = arrivals.promise.then(() =>
    runProbes({
      ...{ url: system.url, queue: QUEUE, everyMs: PROBE_EVERY_MS, signal },
      count: Math.floor((forMs - NO_PROBES_MS) / PROBE_EVERY_MS),
      random: seededRandom(context.seed + 2),
    }),
  );
  try {
    return await Promise.all([load, probes]);
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled([load]);
    throw error;
  }
};
