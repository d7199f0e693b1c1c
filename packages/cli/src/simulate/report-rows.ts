import { PREMADE_LEVELS, type PremadeLevel, usesRegions } from "@muster/core";
import type { SimulationReport } from "./run-simulation.ts";

/** A figure of the report, for tables: each value with what a reader needs to judge it. */
export interface ReportRow {
  label: string;
  value: (report: SimulationReport) => number | null;
  text: (report: SimulationReport) => string;
  /** Shown only where there is a value: most queues have no roles. */
  isOptional?: boolean;
}

export const NONE = "–";

export const count = (value: number): string => value.toLocaleString("en-US");

/** A wait for a reader: milliseconds below a second. */
export const wait = (ms: number | null): string =>
  ms === null ? NONE : ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;

export const number = (value: number | null, unit = "", decimals = 1): string =>
  value === null
    ? NONE
    : `${value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals })}${unit}`;

const percent = (value: number | null): string => (value === null ? NONE : `${(value * 100).toFixed(1)} %`);

const row = (
  label: string,
  value: (report: SimulationReport) => number | null,
  format: (value: number | null) => string,
): ReportRow => ({ label, value, text: (report) => format(value(report)) });

/** A row that most queues have no value for. */
const optional = (
  label: string,
  value: (report: SimulationReport) => number | null | undefined,
  format: (value: number | null) => string,
): ReportRow => ({ ...row(label, (report) => value(report) ?? null, format), isOptional: true });

const PARTIES: Record<PremadeLevel, string> = {
  like: "of the same sizes",
  near: "one player apart",
  mixed: "mixed",
  any: "full against solo players",
};

const counted = (label: string, value: (report: SimulationReport) => number): ReportRow =>
  row(label, value, (found) => count(found ?? 0));

const waited = (name: "p50" | "p90" | "p95" | "p99"): ReportRow => ({
  label: `wait ${name}`,
  value: ({ waitMs }) => waitMs[name],
  text: ({ waitMs, waitAtLeast }) => `${waitAtLeast.includes(name) ? "≥ " : ""}${wait(waitMs[name])}`,
});

export type Group = SimulationReport["byDecile"][number] | SimulationReport["byPartySize"][number];

/** What is told of each elo decile and party size, in tables. */
export const GROUP_COLUMNS: readonly { readonly head: string; readonly text: (group: Group) => string }[] = [
  { head: "tickets", text: ({ tickets }) => count(tickets) },
  { head: "expired", text: ({ expired }) => count(expired) },
  { head: "wait p50", text: ({ waitMs }) => wait(waitMs.p50) },
  { head: "p90", text: ({ waitMs }) => wait(waitMs.p90) },
  { head: "p99", text: ({ waitMs }) => wait(waitMs.p99) },
  { head: "elo gap", text: ({ eloGapMean }) => number(eloGapMean) },
  { head: "team gap", text: ({ teamGapMean }) => number(teamGapMean) },
  { head: "|p − 0.5|", text: ({ winMeanAbsDev }) => number(winMeanAbsDev, "", 3) },
  { head: "unequal", text: ({ premadeUnequalShare }) => percent(premadeUnequalShare) },
  { head: "ping p50", text: ({ pingMs }) => number(pingMs.p50, " ms", 0) },
  { head: "p95", text: ({ pingMs }) => number(pingMs.p95, " ms", 0) },
  { head: "delta p95", text: ({ deltaPingMs }) => number(deltaPingMs.p95, " ms", 0) },
];

/** The groups of a report, by what they are called. */
export const decilesOf = ({ byDecile }: SimulationReport): [name: string, group: Group][] =>
  byDecile.map((group) => [`${group.eloFrom}–${group.eloTo}`, group]);
export const partySizesOf = ({ byPartySize }: SimulationReport): [name: string, group: Group][] =>
  byPartySize.length > 1 ? byPartySize.map((group) => [String(group.size), group]) : [];

const REPORT_ROWS: readonly ReportRow[] = [
  counted("arrived", ({ arrived }) => arrived),
  counted("matched", ({ matched }) => matched),
  counted("expired", ({ expired }) => expired),
  counted("still waiting", ({ waiting }) => waiting),
  counted("refused, queue full", ({ refused }) => refused),
  counted("matches", ({ matches }) => matches),
  waited("p50"),
  waited("p90"),
  waited("p95"),
  waited("p99"),
  row(
    "worst elo decile's wait / median decile's",
    ({ decileWaitRatio }) => decileWaitRatio,
    (value) => number(value, "", 2),
  ),
  row(
    "elo gap mean",
    ({ eloGap }) => eloGap.mean,
    (value) => number(value),
  ),
  row(
    "elo gap p95",
    ({ eloGap }) => eloGap.p95,
    (value) => number(value),
  ),
  row(
    "team gap mean",
    ({ teamGap }) => teamGap.mean,
    (value) => number(value),
  ),
  row(
    "team gap p95",
    ({ teamGap }) => teamGap.p95,
    (value) => number(value),
  ),
  row(
    "|win probability − 0.5| mean",
    ({ winProbability }) => winProbability.meanAbsDev,
    (value) => number(value, "", 4),
  ),
  row(
    "quality mean",
    ({ qualityMean }) => qualityMean,
    (value) => number(value, "", 3),
  ),
  row("matches that overtook an older ticket", ({ overtakes }) => overtakes.share, percent),
  row("unequal premades", ({ premadeUnequalShare }) => premadeUnequalShare, percent),
  ...PREMADE_LEVELS.map((level) =>
    optional(
      `  parties ${PARTIES[level]}`,
      ({ premadeLevels, partyWeights }) => (partyWeights.length > 1 ? premadeLevels?.[level] : null),
      percent,
    ),
  ),
  optional("players in their first role", ({ roles }) => roles?.firstChoiceShare, percent),
  optional("players in a role not listed", ({ roles }) => roles?.autofilledShare, percent),
  optional("matches that were filled up", ({ fill }) => fill?.filledShare, percent),
  optional("time to fill p50", ({ fill }) => fill?.fillMs.p50, wait),
  optional("time to fill p90", ({ fill }) => fill?.fillMs.p90, wait),
  row(
    "ping p50",
    ({ pingMs }) => pingMs.p50,
    (value) => number(value, " ms", 0),
  ),
  row(
    "ping p95",
    ({ pingMs }) => pingMs.p95,
    (value) => number(value, " ms", 0),
  ),
  row(
    "delta ping p50",
    ({ deltaPingMs }) => deltaPingMs.p50,
    (value) => number(value, " ms", 0),
  ),
  row(
    "delta ping p95",
    ({ deltaPingMs }) => deltaPingMs.p95,
    (value) => number(value, " ms", 0),
  ),
  row(
    "elo gap / hindsight's, each within its own wait",
    ({ optimumRatio }) => optimumRatio,
    (value) => number(value, "", 3),
  ),
  row(
    "elo gap / hindsight's, free to choose who waits",
    ({ meanWaitOptimumRatio }) => meanWaitOptimumRatio,
    (value) => number(value, "", 3),
  ),
];

/** The rows that these reports have a value for. */
export const rowsFor = (reports: readonly SimulationReport[]): ReportRow[] =>
  REPORT_ROWS.filter(({ isOptional, value }) => !isOptional || reports.some((report) => value(report) !== null));

/** What changed from one report to another, in percent of the first; empty where that says nothing. */
export const difference = ({ value }: ReportRow, first: SimulationReport, second: SimulationReport): string => {
  const before = value(first);
  const after = value(second);
  if (before === null || after === null || before === after) return "";
  if (before === 0) return after > 0 ? "more" : "less";
  const change = ((after - before) / Math.abs(before)) * 100;
  return `${change > 0 ? "+" : "−"}${Math.abs(change).toFixed(1)} %`;
};

/** How the figures are meant, and what needs attention. */
export const remarks = (report: SimulationReport): string[] => [
  "Waits count those who expired or still wait as waiting longer than they did (Kaplan–Meier); ≥ where too few were matched.",
  ...(usesRegions(report.definition)
    ? []
    : ["The queue doesn't use regions: for pings the simulator takes the region with the lowest worst ping."]),
  ...(report.optimumRatio === null
    ? []
    : [
        "Hindsight pairs the same players: each within its own wait, or, free to choose who waits how long, with the same mean wait. Both ratios are lower bounds.",
      ]),
  ...(report.partyWeights.length > 1
    ? [`Party sizes are an assumption: weights ${report.partyWeights.join(", ")}.`]
    : []),
  ...weightsRemark("First roles", report.roleWeights),
  ...weightsRemark("Teams that are asked for", report.teamWeights),
  ...(report.overtakes.sampled > 0
    ? [
        `Overtakes are looked for in ${count(report.overtakes.sampled)} of the matches, among the 10 oldest around each.`,
      ]
    : []),
  ...(report.fill === null ? [] : ["Nobody leaves a match early: only places that were never taken are filled."]),
  ...(report.copies > 0
    ? [`${count(report.copies)} arrivals are copies of busy players: the population is too small for this rate.`]
    : []),
];

const weightsRemark = (what: string, weights: Readonly<Record<string, number>>): string[] => {
  const list = Object.entries(weights).map(([name, weight]) => `${name} ${weight}`);
  return list.length > 0 ? [`${what} are an assumption: weights ${list.join(", ")}.`] : [];
};
