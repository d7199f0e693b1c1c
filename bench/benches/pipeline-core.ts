import type { Bench } from "../bench.ts";
import { noteOfOthers } from "../cpu.ts";
import { measurePipeline, triedInWords } from "../pipeline/measure-pipeline.ts";
import { startPipeline } from "../pipeline/pipeline.ts";
import { PIPELINE_ROWS, pipelineFigures, pipelineGoals } from "../pipeline/pipeline-figures.ts";

export const pipelineCore: Bench = {
  name: "pipeline-core",
  about: "real population in duel, from the enqueue's call to the notification; no HTTP, one process per role",
  seed: 20_000,
  async run(context) {
    await using pipeline = await startPipeline(context);
    const limits = await measurePipeline(context, pipeline);
    context.say("checking every player");
    const found = await pipeline.audit();
    return {
      figures: pipelineFigures(limits, found),
      rows: PIPELINE_ROWS,
      goals: [
        { figure: "playersPerSecond", atLeast: 20_000 },
        { figure: "redisMicrosPerPlayer", below: 30 },
        ...pipelineGoals,
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
