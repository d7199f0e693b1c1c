import type { Bench, BenchContext } from "../bench.ts";
import { noteOfOthers } from "../cpu.ts";
import { type Pipeline, type PipelineRun, startPipeline } from "../pipeline/pipeline.ts";
import { PIPELINE_ROWS, pipelineFigures, pipelineGoals } from "../pipeline/pipeline-figures.ts";
import { findSustained, isSustained } from "../pipeline/sustained.ts";

export const pipelineCore: Bench = {
  name: "pipeline-core",
  about: "real population in duel, from the enqueue's call to the notification; no HTTP, one process per role",
  seed: 20_000,
  async run(context) {
    await using pipeline = await startPipeline(context);
    const { best, half, tried } = await measure(context, pipeline);
    context.say("checking every player");
    const found = await pipeline.audit();
    return {
      figures: pipelineFigures(best, half, found),
      rows: PIPELINE_ROWS,
      goals: [
        { figure: "playersPerSecond", atLeast: 20_000 },
        { figure: "redisMicrosPerPlayer", below: 30 },
        ...pipelineGoals,
      ],
      notes: [
        `Sustained: nobody was refused, and the wait of 99 % of the players was below 1 s. Offered: ${tried.map(inWords).join(", ")}.`,
        "CPU of Redis contains its writes to the AOF and the processes that compact it.",
        ...noteOfOthers(Math.max(best.otherCores, half.otherCores)),
        ...found.inconsistencies.slice(0, 5),
      ],
    };
  },
};

const measure = async ({ quick, seed }: BenchContext, pipeline: Pipeline) => {
  const tried: PipelineRun[] = [];
  const offer = async (rate: number, forMs: number) => {
    const run = await pipeline.offer({ rate, forMs, seed: seed + tried.length * 1e6 });
    tried.push(run);
    return run;
  };
  await offer(2_000, 2_000);
  const rate = await findSustained(async (rate) => isSustained(await offer(rate, quick ? 2_000 : 4_000)), 3_000);
  let best = await offer(rate, quick ? 3_000 : 8_000);
  // A short run may have been lucky.
  while (!isSustained(best) && best.rate > 500) best = await offer(best.rate * 0.85, quick ? 3_000 : 8_000);
  const half = await offer(best.rate / 2, quick ? 3_000 : 8_000);
  return { best, half, tried };
};

const inWords = (run: PipelineRun): string =>
  `${Math.round(run.rate)}/s ${isSustained(run) ? "yes" : "no"} (p99 ${run.waitMs.percentile(99)} ms)`;
