import type { Bench, Figures, Row } from "../bench.ts";
import { noteOfOthers } from "../cpu.ts";
import { type PipelineCosts, startPipeline } from "../pipeline/pipeline.ts";

/** Players per second, as long as the machine bears them. */
const RATES = [2_000, 4_000];
/** Players on their way at once: as many come as are told, so batches are alike however busy the machine is. */
const IN_FLIGHT = 3_000;
const ROLES = ["all", "redis", "enqueue", "matchmaker", "mover", "sweeper", "relay"];
/** Commands of Redis to name: the most expensive ones. */
const COMMANDS_SHOWN = 14;

export const costs: Bench = {
  name: "costs",
  about:
    "CPU per player by role and by Redis command, at fixed rates and when as many come as are told; for before and after",
  seed: 4_000,
  async run(context) {
    const { quick, seed } = context;
    const forMs = quick ? 3_000 : 6_000;
    await using pipeline = await startPipeline(context);
    await pipeline.flood({ seed: seed + 1e6, count: 60_000, forMs: 3_000, inFlight: IN_FLIGHT });
    const figures: Record<string, Figures> = {};
    const others: number[] = [];
    for (const rate of RATES) {
      const run = await pipeline.offer({ rate, forMs, seed: seed + rate });
      others.push(run.otherCores);
      figures[`at${rate}`] = { ...inFigures(run), p50Ms: run.waitMs.percentile(50), p99Ms: run.waitMs.percentile(99) };
    }
    const full = await pipeline.flood({ seed, count: 400_000, forMs, inFlight: IN_FLIGHT });
    const { lost, duplicates, inconsistencies } = await pipeline.audit();
    const playersPerSecond = full.toldAt.filter((at) => !Number.isNaN(at)).length / (forMs / 1_000);
    return {
      figures: {
        ...figures,
        full: { ...inFigures(full), playersPerSecond },
        ...{ lost, duplicates, inconsistencies: inconsistencies.length },
      },
      rows: [
        ...RATES.flatMap((rate) => [...rowsOf(`at${rate}`, `${rate}/s`), ...waitsOf(`at${rate}`)]),
        ...rowsOf("full", "as many as are told"),
        { figure: "full.playersPerSecond", label: "  players/s" },
        ...full.commands.slice(0, COMMANDS_SHOWN).map(({ command }) => ({
          ...{ figure: `full.commands.${command}`, label: `  of Redis: ${command}`, unit: "µs" },
        })),
      ],
      goals: ["lost", "duplicates", "inconsistencies"].map((figure) => ({ figure, exactly: 0, isInvariant: true })),
      notes: [
        "A script's and a transaction's time contains that of the commands in it.",
        ...noteOfOthers(Math.max(...others)),
      ],
    };
  },
};

const inFigures = ({ microsPerPlayer, commands, toldMeanwhile }: PipelineCosts): Figures => ({
  microsPerPlayer,
  commands: Object.fromEntries(commands.map(({ command, micros }) => [command, micros / toldMeanwhile])),
  calls: Object.fromEntries(commands.map(({ command, calls }) => [command, calls / toldMeanwhile])),
});

const rowsOf = (figure: string, label: string): Row[] =>
  ROLES.map((role) => ({ figure: `${figure}.microsPerPlayer.${role}`, label: `${label}: ${role}`, unit: "µs" }));

const waitsOf = (figure: string): Row[] =>
  ["p50Ms", "p99Ms"].map((way) => ({ figure: `${figure}.${way}`, label: `  wait ${way.slice(0, 3)}`, unit: "ms" }));
