import type { Samples } from "@muster/cli";
import type { Figures, Goal, Row } from "../bench.ts";
import type { Audit } from "./audit.ts";
import type { PipelineLimits } from "./measure-pipeline.ts";

export const pipelineFigures = ({ best, half }: PipelineLimits, found: Audit): Figures => ({
  playersPerSecond: best.rate,
  latencyMs: percentiles(half.opponentWaitedMs),
  halfLoadMs: percentiles(half.waitMs),
  fullLoadMs: percentiles(best.waitMs),
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

const percentiles = (samples: Samples): Figures => ({
  p50: samples.percentile(50),
  p90: samples.percentile(90),
  p99: samples.percentile(99),
});

export const PIPELINE_ROWS: Row[] = [
  { figure: "playersPerSecond", label: "highest sustained rate", unit: "players/s" },
  { figure: "fullLoadMs.p50", label: "at that rate: enqueue to notification p50", unit: "ms" },
  { figure: "fullLoadMs.p99", label: "  p99", unit: "ms" },
  { figure: "conflictShare", label: "  conflicts, share of proposals" },
  { figure: "redisMicrosPerPlayer", label: "  CPU of Redis per player", unit: "µs" },
  ...[
    "all",
    "redis",
    "nginx",
    "enqueue",
    "orchestrator",
    "matchmaker",
    "mover",
    "sweeper",
    "relay",
    "playserver",
    "monitor",
    "load",
  ].map((role) => ({ figure: `microsPerPlayer.${role}`, label: `  CPU per player: ${role}`, unit: "µs" })),
  { figure: "halfLoadMs.p50", label: "at half of it: enqueue to notification p50", unit: "ms" },
  { figure: "halfLoadMs.p99", label: "  p99", unit: "ms" },
  { figure: "latencyMs.p50", label: "  of those whose opponent waits already p50", unit: "ms" },
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
