import { beginOf, isDuel, type Queue, usesRegions } from "@muster/core";
import { neverReached } from "./check-queue-reach.ts";
import { ruleWarnings } from "./check-queue-rules.ts";
import { teamWarnings } from "./check-queue-teams.ts";

/** No ping over the internet is lower. */
const LOWEST_PING_MS = 5;
/** A latency level is so many ms wide: see `latencyLevel`. */
const LEVEL_MS = 100;

/**
 * What is valid in a queue's definition and still makes no sense: rules that can never pass, steps that are never
 * reached, limits that refuse nobody. Each warning begins with the path of what it is about.
 */
export const checkQueue = (queue: Queue): string[] => [
  ...queue.steps.flatMap((step, index) => neverReached(queue, `/steps/${index}`, step, beginOf(queue, step))),
  ...queue.steps.flatMap((step, index) => levelWarnings(step, `/steps/${index}`)),
  ...regionWarnings(queue),
  ...teamWarnings(queue),
  ...urgencyWarnings(queue),
  ...ruleWarnings(queue),
];

/** Pings that differ by no more than n hundred ms differ by n levels at most. */
const levelWarnings = ({ latencyLevelSpread, pingSpreadMs }: Queue["steps"][number], path: string): string[] =>
  latencyLevelSpread !== undefined && latencyLevelSpread * LEVEL_MS >= (pingSpreadMs ?? Infinity)
    ? [`${path}/latencyLevelSpread: refuses nobody whom pingSpreadMs doesn't refuse already`]
    : [];

const regionWarnings = (queue: Queue): string[] => {
  if (!usesRegions(queue)) return [];
  const warnings = queue.steps.flatMap(({ maxLatencyMs = Infinity, maxDeltaPingMs = Infinity }, index) => {
    const path = `/steps/${index}`;
    if (maxLatencyMs < LOWEST_PING_MS) {
      return [`${path}/maxLatencyMs: hardly any player has a ping of ${maxLatencyMs} ms or less to any region`];
    }
    return maxDeltaPingMs !== Infinity && maxDeltaPingMs >= maxLatencyMs
      ? [`${path}/maxDeltaPingMs: refuses nobody whom maxLatencyMs doesn't refuse already`]
      : [];
  });
  if (Object.keys(queue.regions).length === 0) {
    warnings.push("/steps: pings to regions are limited, but without /regions a position gives no ping");
  }
  return warnings;
};

const urgencyWarnings = (queue: Queue): string[] => {
  const { urgentAfterShare } = queue;
  if (urgentAfterShare === undefined) return [];
  const path = "/urgentAfterShare";
  if (isDuel(queue)) return [`${path}: means nothing in 1 against 1, where no match has last places to be taken`];
  return urgentAfterShare === 1 ? [`${path}: no ticket is ever urgent, for it expires first`] : [];
};
