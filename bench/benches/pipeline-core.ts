import type { Bench, BenchContext, Figures } from "../bench.ts";
import { noteOfOthers } from "../cpu.ts";
import type { Audit } from "../pipeline/audit.ts";
import { measurePipeline, type PipelineLimits, triedInWords } from "../pipeline/measure-pipeline.ts";
import { startPipeline } from "../pipeline/pipeline.ts";
import { PIPELINE_ROWS, pipelineFigures, pipelineGoals } from "../pipeline/pipeline-figures.ts";

export const pipelineCore: Bench = {
  name: "pipeline-core",
  about: "real population in duel, from the enqueue's call to the notification; no HTTP, one process per role",
  seed: 20_000,
  async run(context) {
    const { limits, found } = await measureOne(context);
    const two = await measureTwo(context, limits.half.rate);
    return {
      figures: { ...pipelineFigures(limits, found), twoMatchmakers: two },
      rows: [
        ...PIPELINE_ROWS,
        { figure: "twoMatchmakers.conflictShare", label: "two matchmakers, at half load: conflicts" },
        { figure: "twoMatchmakers.p99Ms", label: "  wait p99", unit: "ms" },
      ],
      goals: [
        { figure: "playersPerSecond", atLeast: 20_000 },
        { figure: "redisMicrosPerPlayer", below: 30 },
        ...pipelineGoals,
        { figure: "twoMatchmakers.conflictShare", below: 0.05 },
      ],
      notes: [
        `Sustained: nobody was refused, and 99 % of the players waited less than 1 s. Offered: ${triedInWords(limits.tried)}.`,
        "CPU of Redis contains its writes to the AOF and the processes that compact it.",
        ...noteOfOthers(Math.max(limits.best.otherCores, limits.half.otherCores)),
        ...found.inconsistencies.slice(0, 5),
      ],
    };
  },
};

const measureOne = async (context: BenchContext): Promise<{ limits: PipelineLimits; found: Audit }> => {
  await using pipeline = await startPipeline(context);
  const limits = await measurePipeline(context, pipeline);
  context.say("checking every player");
  return { limits, found: await pipeline.audit() };
};

/** As `muster up` runs them by default: two that find matches among the same tickets. */
const measureTwo = async (context: BenchContext, rate: number): Promise<Figures> => {
  await using pipeline = await startPipeline(context, { matchmakers: 2 });
  await pipeline.offer({ rate: rate / 2, forMs: 2_000, seed: context.seed });
  const run = await pipeline.offer({ rate, forMs: context.quick ? 3_000 : 8_000, seed: context.seed + 1 });
  const { lost, duplicates } = await pipeline.audit();
  const { conflicts, proposals, waitMs } = run;
  return { rate, conflictShare: conflicts / proposals, p99Ms: waitMs.percentile(99), lost, duplicates };
};
