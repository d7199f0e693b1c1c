import { setInterval } from "node:timers/promises";
import type { Samples } from "@muster/cli";
import type { Bench, BenchContext } from "../bench.ts";
import { noteOfOthers } from "../cpu.ts";
import type { Audit } from "../pipeline/audit.ts";
import { measurePipeline, triedInWords } from "../pipeline/measure-pipeline.ts";
import { type Pipeline, type PipelineLoad, type PipelineRun, startPipeline } from "../pipeline/pipeline.ts";
import { isSustained, STEP_BACK } from "../pipeline/sustained.ts";

/** What is offered, in times of what is sustained. */
const TIMES = 3;
/** Also offered, for the most that can be told may lie above what is sustained. */
const TIMES_BETWEEN = 1.5;
/** The orchestrator's default. */
const MAX_DELAY_MS = 1_000;
/** Into the peak: what comes before is the queue filling up. */
const SETTLED_S = 3;
const LOOK_EVERY_MS = 500;
/** What runs for the first time is slow. */
const [WARMING_RATE, WARMING_MS] = [3_000, 4_000];
/** No system that works bears less. */
const LOWEST = 200;
/** Normal is what sustained is: 99 % wait less than this. */
const NORMAL_MS = 1_000;

export const overload: Bench = {
  name: "overload",
  about: `${TIMES} times the players that can be matched, for a while, and then half of those; refused by measured delay`,
  seed: 70_000,
  async run(context) {
    const { quick, seed } = context;
    const audits: Audit[] = [];
    const { best, tried } = await afresh(context, audits, (pipeline) => measurePipeline(context, pipeline));
    const peakMs = quick ? 10_000 : 20_000;
    const fill = { rate: best.rate / 2, forMs: peakMs };
    const asLong = await bearFor(context, audits, { fill, from: best.rate, forMs: peakMs });
    const { rate: sustained = Number.NaN } = asLong.at(-1) ?? {};
    const betweenLoad = { rate: TIMES_BETWEEN * sustained, forMs: peakMs, seed: seed + 4 };
    const between = await offerFilled(context, audits, fill, betweenLoad);
    // Also of rates that were too much: nothing that was told so long is left out.
    const most = Math.max(...[...asLong, between].map((run) => perSecond(run, SETTLED_S)));
    const { peak, waiting, rssMiB, after } = await afresh(context, audits, async (pipeline) => {
      await fillUp(context, pipeline, fill);
      const load = { rate: TIMES * sustained, forMs: peakMs, seed: seed + 1 };
      const { run: peak, ...seen } = await watched(context, pipeline, () => pipeline.offer(load));
      // At once: what is left of the peak is there when the first of these come.
      const after = await pipeline.offer({ rate: sustained / 2, forMs: quick ? 8_000 : 15_000, seed: seed + 2 });
      return { peak, ...seen, after };
    });
    const sum = (count: (audit: Audit) => number) => audits.reduce((all, audit) => all + count(audit), 0);
    const half = Math.floor(rssMiB.length / 2);
    return {
      figures: {
        sustainedShortlyPerSecond: best.rate,
        sustainedPerSecond: sustained,
        mostPerSecond: most,
        offeredPerSecond: peak.rate,
        refusedShare: peak.refused / peak.offered,
        peakPerSecond: perSecond(peak, SETTLED_S),
        throughputRatio: perSecond(peak, SETTLED_S) / most,
        admittedMs: percentiles(peak.waitMs),
        mostWaiting: Math.max(...waiting),
        rssGrowth: Math.max(...rssMiB.slice(half)) / Math.max(...rssMiB.slice(0, half)),
        normalAfterS: normalAfter(after),
        lost: sum(({ lost }) => lost),
        duplicates: sum(({ duplicates }) => duplicates),
        inconsistencies: sum(({ inconsistencies }) => inconsistencies.length),
      },
      rows: [
        {
          figure: "sustainedShortlyPerSecond",
          label: `highest rate sustained for ${best.forMs / 1_000} s`,
          unit: "players/s",
        },
        { figure: "sustainedPerSecond", label: `  for ${peakMs / 1_000} s, with a compaction`, unit: "players/s" },
        {
          figure: "mostPerSecond",
          label: `  most told per second there, or at ${TIMES_BETWEEN} times that`,
          unit: "players/s",
        },
        { figure: "offeredPerSecond", label: "offered at the peak", unit: "players/s" },
        { figure: "refusedShare", label: "  of these refused" },
        { figure: "peakPerSecond", label: "  told per second", unit: "players/s" },
        { figure: "throughputRatio", label: "  the same over the most" },
        { figure: "admittedMs.p50", label: "  wait of those who were let in, p50", unit: "ms" },
        { figure: "admittedMs.p99", label: "  p99", unit: "ms" },
        { figure: "mostWaiting", label: "  most tickets waiting at once" },
        { figure: "rssGrowth", label: "  memory of the services: second half over the first", unit: "×" },
        { figure: "normalAfterS", label: "from the end of the peak until p99 < 1 s for good", unit: "s" },
        { figure: "lost", label: "lost players" },
        { figure: "duplicates", label: "players in two matches" },
        { figure: "inconsistencies", label: "inconsistencies in Redis" },
      ],
      goals: [
        { figure: "throughputRatio", atLeast: 0.9 },
        { figure: "admittedMs.p99", below: 10_000 },
        { figure: "rssGrowth", below: 1.25 },
        { figure: "normalAfterS", below: 10 },
        ...["lost", "duplicates", "inconsistencies"].map((figure) => ({ figure, exactly: 0, isInvariant: true })),
      ],
      notes: [
        `Sustained: 99 % of the players waited less than 1 s, and nobody was refused. Offered: ${triedInWords(tried)}.`,
        `New tickets are refused while they would wait more than ${MAX_DELAY_MS} ms for their first search, as by default.`,
        `For ${peakMs / 1_000} s: ${triedInWords([...asLong, between])}. Each of these tries, and the peak, has processes and a Redis of its own with what ${Math.round((fill.rate * fill.forMs) / 1_000)} players before left in it; when it begins, Redis compacts its append-only file.`,
        `Told per second: without the first ${SETTLED_S} s, while the peak fills what may wait.`,
        "Until normal: without the last second of all, after which nobody comes whom its players could meet.",
        ...noteOfOthers(Math.max(best.otherCores, peak.otherCores)),
      ],
    };
  },
};

/**
 * With processes and a Redis of its own: the more is in a Redis, the longer a compaction takes, so what came before would
 * count against what comes after.
 */
const afresh = async <Result>(
  context: BenchContext,
  audits: Audit[],
  work: (pipeline: Pipeline) => Promise<Result>,
): Promise<Result> => {
  await using pipeline = await startPipeline(context, { maxDelayMs: MAX_DELAY_MS });
  const result = await work(pipeline);
  audits.push(await pipeline.audit());
  return result;
};

/** Leaves warm processes, and a Redis that has as much in it each time and begins to compact its append-only file. */
const fillUp = async ({ seed }: BenchContext, pipeline: Pipeline, fill: Omit<PipelineLoad, "seed">) => {
  await pipeline.offer({ rate: Math.min(fill.rate, WARMING_RATE), forMs: WARMING_MS, seed });
  await pipeline.offer({ ...fill, seed: seed + 3 });
  await pipeline.compact();
};

const offerFilled = (context: BenchContext, audits: Audit[], fill: Omit<PipelineLoad, "seed">, load: PipelineLoad) =>
  afresh(context, audits, async (pipeline) => {
    await fillUp(context, pipeline, fill);
    return pipeline.offer(load);
  });

/** Offers for as long as the peak lasts, less each time until it is borne. */
const bearFor = async (
  context: BenchContext,
  audits: Audit[],
  { fill, from, forMs }: { fill: Omit<PipelineLoad, "seed">; from: number; forMs: number },
): Promise<PipelineRun[]> => {
  const tried: PipelineRun[] = [];
  for (let rate = from; rate > LOWEST; rate *= STEP_BACK) {
    const run = await offerFilled(context, audits, fill, { rate, forMs, seed: context.seed + 5 + tried.length });
    tried.push(run);
    if (isSustained(run)) break;
  }
  return tried;
};

/** Players told per second while they were offered, without the first seconds. */
const perSecond = ({ seconds, forMs }: PipelineRun, from: number): number => {
  const measured = seconds.slice(from, Math.floor(forMs / 1_000));
  return measured.reduce((sum, { told }) => sum + told, 0) / Math.max(1, measured.length);
};

/**
 * From how many seconds on nobody was refused and 99 % of those who came waited as normal. Without the last second: who
 * comes then and suits nobody there waits for players who don't come any more.
 */
const normalAfter = ({ seconds, forMs }: PipelineRun): number =>
  seconds
    .slice(0, Math.floor(forMs / 1_000) - 1)
    .findLastIndex(({ waitMs, refused }) => refused > 0 || (waitMs.percentile(99) ?? 0) >= NORMAL_MS) + 1;

/** Looks at what a pipeline holds while it is busy with something. */
const watched = async ({ signal }: BenchContext, pipeline: Pipeline, work: () => Promise<PipelineRun>) => {
  const done = new AbortController();
  const [waiting, rssMiB]: number[][] = [[], []];
  const looking = (async () => {
    for await (const _ of setInterval(LOOK_EVERY_MS, undefined, { signal: AbortSignal.any([signal, done.signal]) })) {
      waiting?.push(await pipeline.waiting());
      rssMiB?.push(pipeline.rssMiB());
    }
  })().catch(() => {});
  try {
    return { run: await work(), waiting: waiting ?? [], rssMiB: rssMiB ?? [] };
  } finally {
    done.abort();
    await looking;
  }
};

const percentiles = (samples: Samples) => ({ p50: samples.percentile(50), p99: samples.percentile(99) });
