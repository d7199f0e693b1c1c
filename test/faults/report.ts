import { RECOVERY_LIMITS_MS, type Recovery } from "./measure-recovery.ts";
import type { FaultReport } from "./run-faults.ts";
import { tellStory } from "./tell-story.ts";

/** Violations that are told with all that the history has of them. */
const STORIES = 3;

/** What a person wants to know of a run. */
export const formatReport = ({ violations, calls, matches, gaps, recoveries, marks, history }: FaultReport): string => {
  const byFault = Map.groupBy(gaps, ({ fault }) => fault);
  const longest = [...byFault]
    .map(([fault, all]) => ({ fault, times: all.length, worst: Math.max(...all.map(({ gapMs }) => gapMs)) }))
    .sort((a, b) => b.worst - a.worst);
  return [
    "",
    "Longest time without a new match around each fault:",
    ...longest.map(({ fault, times, worst }) => `  ${String(worst).padStart(6)} ms  ${fault} (${times}×)`),
    "",
    "Recovery, the longest of each:",
    ...recoveryLines(recoveries),
    "",
    `Calls: ${Object.entries(calls)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ")}`,
    `${gaps.length} faults, ${matches} matches, ${violations.length} violations`,
    ...violations.slice(0, 50).map(({ kind, text }) => `  ${kind}: ${text}`),
    ...violations.slice(0, STORIES).flatMap((each) => ["", `${each.text}:`, ...tellStory(each, history, marks)]),
  ].join("\n");
};

const recoveryLines = (recoveries: readonly Recovery[]): string[] =>
  Object.entries(RECOVERY_LIMITS_MS).map(([name, limitMs]) => {
    const all = recoveries.filter(({ what }) => what === name);
    if (all.length === 0) return `  not measured  ${name}`;
    const worst = Math.max(...all.map(({ tookMs }) => tookMs ?? Infinity));
    const mark = worst < limitMs ? "reached" : "MISSED";
    const took = worst === Infinity ? "never" : `${worst} ms`;
    return `  ${took.padStart(9)}  ${name}, of ${limitMs} ms at most: ${mark} (${all.length}×)`;
  });
