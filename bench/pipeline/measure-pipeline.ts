import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchContext } from "../bench.ts";
import type { Pipeline, PipelineRun } from "./pipeline.ts";
import { findLimits, findSustained, isNearlySustained, isSustained } from "./sustained.ts";

export interface PipelineLimits {
  /** At the highest rate that was sustained. */
  best: PipelineRun;
  /** At half of it. */
  half: PipelineRun;
  tried: PipelineRun[];
}

/** A try that shows where the limit is about. */
const SHORT_MS = 4_000;
/** For whoever still waits after a run that wasn't borne: the next one shall not wait behind them. */
const SETTLE_MS = 4_000;

/** The highest rate that a pipeline bears, and how fast it is at half of that. */
export const measurePipeline = async (
  { quick, seed, signal }: BenchContext,
  pipeline: Pick<Pipeline, "offer">,
  from = 10_000,
): Promise<PipelineLimits> => {
  const tried: PipelineRun[] = [];
  const offer = async (rate: number, forMs: number) => {
    const run = await pipeline.offer({ rate, forMs, seed: seed + tried.length * 1e6 });
    tried.push(run);
    if (!isSustained(run)) await sleep(SETTLE_MS, undefined, { signal });
    return run;
  };
  const longMs = quick ? 3_000 : 8_000;
  // What runs for the first time is slow; and in a hall where nobody waits yet, the few with rare elos wait long.
  await offer(from, SHORT_MS);
  const limits = await findLimits(async (rate) => {
    const run = await offer(rate, quick ? SHORT_MS / 2 : SHORT_MS);
    return { isBorne: isSustained(run), isNearly: isNearlySustained(run), mightBear: mightBear(run) };
  }, from);
  const rate = await findSustained(async (rate) => isSustained(await offer(rate, longMs)), limits);
  const best = tried.findLast((run) => run.rate === rate);
  if (!best) throw new Error(`not even ${Math.round(tried.at(-1)?.rate ?? 0)} players/s were sustained`);
  const half = await offer(best.rate / 2, longMs);
  return { best, half, tried };
};

/** By what a player cost: all cores, and one of them for Redis. Undefined where the operating system doesn't tell. */
const mightBear = ({ microsPerPlayer, redisMicrosPerPlayer }: PipelineRun): number | undefined => {
  const all = microsPerPlayer?.all;
  if (typeof all !== "number") return undefined;
  return Math.min((availableParallelism() * 1e6) / all, 1e6 / redisMicrosPerPlayer);
};

/** For a note: what was offered, and whether it was borne. */
export const triedInWords = (tried: readonly PipelineRun[]): string =>
  tried
    .map((run) => `${Math.round(run.rate)}/s ${isSustained(run) ? "yes" : "no"} (p99 ${run.waitMs.percentile(99)} ms)`)
    .join(", ");
