import type { FaultReport } from "./run-faults.ts";

/** What a person wants to know of a run. */
export const formatReport = ({ violations, calls, matches, gaps }: FaultReport): string => {
  const byFault = Map.groupBy(gaps, ({ fault }) => fault);
  const longest = [...byFault]
    .map(([fault, all]) => ({ fault, times: all.length, worst: Math.max(...all.map(({ gapMs }) => gapMs)) }))
    .sort((a, b) => b.worst - a.worst);
  return [
    "",
    "Longest time without a new match around each fault:",
    ...longest.map(({ fault, times, worst }) => `  ${String(worst).padStart(6)} ms  ${fault} (${times}×)`),
    "",
    `Calls: ${Object.entries(calls)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ")}`,
    `${gaps.length} faults, ${matches} matches, ${violations.length} violations`,
    ...violations.slice(0, 50).map(({ kind, text }) => `  ${kind}: ${text}`),
  ].join("\n");
};
