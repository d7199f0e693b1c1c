import type { Bench } from "../bench.ts";
import { noteOfOthers } from "../cpu.ts";
import { startHttpPipeline } from "../pipeline/http-pipeline.ts";
import { measurePipeline, triedInWords } from "../pipeline/measure-pipeline.ts";
import { PIPELINE_ROWS, pipelineFigures, pipelineGoals } from "../pipeline/pipeline-figures.ts";

const BATCH = 50;

export const pipelineHttp: Bench = {
  name: "pipeline-http",
  about: "the same through nginx and HTTP, told over a realm's WebSocket; the load generator on the same machine",
  seed: 12_000,
  async run(context) {
    await using pipeline = await startHttpPipeline(context);
    const batches = await measurePipeline(context, { offer: pipeline.offer(BATCH) }, 8_000);
    const singles = await measurePipeline(context, { offer: pipeline.offer(1) }, 4_000);
    context.say("checking every player");
    const found = await pipeline.audit();
    const { lost: _, duplicates: _d, inconsistencies: _i, ...single } = pipelineFigures(singles, found);
    return {
      figures: { ...pipelineFigures(batches, found), single },
      rows: [
        ...PIPELINE_ROWS,
        {
          figure: "single.playersPerSecond",
          label: "one player in a request: highest sustained rate",
          unit: "players/s",
        },
        { figure: "single.latencyMs.p50", label: "  at half of it: enqueue to notification p50", unit: "ms" },
        { figure: "single.latencyMs.p99", label: "  p99", unit: "ms" },
        { figure: "single.microsPerPlayer.all", label: "  CPU per player: all", unit: "µs" },
        { figure: "single.microsPerPlayer.load", label: "  CPU per player: load", unit: "µs" },
      ],
      goals: [
        { figure: "playersPerSecond", atLeast: 12_000 },
        { figure: "single.playersPerSecond", atLeast: 4_000 },
        ...pipelineGoals,
      ],
      notes: [
        `One process per role. Sustained: nobody was refused, and 99 % of the players waited less than 1 s. In batches of ${BATCH}: ${triedInWords(batches.tried)}. One by one: ${triedInWords(singles.tried)}.`,
        ...noteOfOthers(Math.max(batches.best.otherCores, singles.best.otherCores)),
        ...found.inconsistencies.slice(0, 5),
      ],
    };
  },
};
