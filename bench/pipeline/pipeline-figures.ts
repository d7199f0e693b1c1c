import type { Figures, Goal, Row } from "../bench.ts";
import type { Audit } from "./audit.ts";
import type { PipelineRun } from "./pipeline.ts";

/** @param best at the highest rate that was sustained @param half at half of it */
export const pipelineFigures = (best: PipelineRun, half: PipelineRun, found: Audit): Figures => ({
  playersPerSecond: best.rate,
  latencyMs: { p50: half.waitMs.percentile(50), p90: half.waitMs.percentile(90), p99: half.waitMs.percentile(99) },
  fullLoadMs: { p50: best.waitMs.percentile(50), p99: best.waitMs.percentile(99) },
  redisMicrosPerPlayer: best.redisMicrosPerPlayer,
  microsPerPlayer: best.microsPerPlayer,
  conflictShare: best.conflicts / Math.max(1, best.proposals),
  eloGap: { mean: found.meanEloGap },
  matches: found.matches,
  lost: found.lost,
  duplicates: found.duplicates,
  inconsistencies: found.inconsistencies.length,
  troubles: best.troubles + half.troubles,
});

export const PIPELINE_ROWS: Row[] = [
  { figure: "playersPerSecond", label: "highest sustained rate", unit: "players/s" },
  { figure: "fullLoadMs.p50", label: "at that rate: enqueue to notification p50", unit: "ms" },
  { figure: "fullLoadMs.p99", label: "  p99", unit: "ms" },
  { figure: "conflictShare", label: "  conflicts, share of proposals" },
  { figure: "redisMicrosPerPlayer", label: "  CPU of Redis per player", unit: "µs" },
  ...["all", "redis", "nginx", "enqueue", "orchestrator", "matchmaker", "mover", "sweeper", "relay", "load"].map(
    (role) => ({ figure: `microsPerPlayer.${role}`, label: `  CPU per player: ${role}`, unit: "µs" }),
  ),
  { figure: "latencyMs.p50", label: "at half of it: enqueue to notification p50", unit: "ms" },
  { figure: "latencyMs.p90", label: "  p90", unit: "ms" },
  { figure: "latencyMs.p99", label: "  p99", unit: "ms" },
  { figure: "eloGap.mean", label: "elo gap, mean of all matches" },
  { figure: "matches", label: "matches" },
  { figure: "lost", label: "lost players" },
  { figure: "duplicates", label: "players in two matches" },
  { figure: "inconsistencies", label: "inconsistencies in Redis" },
  { figure: "troubles", label: "warnings of services" },
];

export const pipelineGoals: Goal[] = [
  { figure: "latencyMs.p50", below: 25 },
  { figure: "latencyMs.p99", below: 100 },
  { figure: "conflictShare", below: 0.05 },
  ...["lost", "duplicates", "inconsistencies"].map((figure) => ({ figure, exactly: 0, isInvariant: true })),
];
