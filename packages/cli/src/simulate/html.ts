import { escapeHtml } from "./escape-html.ts";
import { quantile } from "./numbers.ts";
import { count, decilesOf, difference, GROUP_COLUMNS, partySizesOf, remarks, rowsFor, wait } from "./report-rows.ts";
import { clockTime } from "./report-table.ts";
import type { SimulatedRun, SimulationReport } from "./run-simulation.ts";
import { barPlot, scatterPlot, stepPlot } from "./svg.ts";

/**
 * A page about one run or two: plots, figures, definitions. It is one file that loads nothing, and everything that
 * comes from input is escaped.
 *
 * @param names of the definitions, one for each run
 */
export const htmlPage = (runs: readonly SimulatedRun[], names: readonly string[]): string => {
  const [first] = runs;
  if (!first) throw new Error("a page about no run");
  const { queue, ratePerS, seconds, startHour, seed } = first.report;
  const title = `Muster, simulation of ${queue}`;
  const day = startHour === null ? "at all hours alike" : `on a day's curve, from ${clockTime(startHour)}`;
  const legend =
    runs.length > 1 ? names.map((name, index) => `<span class="key s${index}">${escapeHtml(name)}</span>`) : [];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(`${ratePerS} players per second for ${count(Math.round(seconds))} s ${day}; seed ${seed}.`)}</p>
<p>${legend.join(" ")}</p>
<div class="plots">
${waitByDecile(runs, names)}
${waitDistribution(runs)}
${gapAgainstWait(runs)}
</div>
${figuresTable(runs, names)}
${runs.map(({ report }, index) => groupTables(report, runs.length > 1 ? (names[index] ?? "") : "")).join("\n")}
${remarks(first.report)
  .map((remark) => `<p class="remark">${escapeHtml(remark)}</p>`)
  .join("\n")}
${runs.map(({ report }, index) => `<h2>Definition: ${escapeHtml(names[index] ?? "")}</h2>\n<pre>${escapeHtml(JSON.stringify(report.definition, null, 2))}</pre>`).join("\n")}
</html>
`;
};

const seconds = (ms: number): string => `${Number((ms / 1_000).toFixed(1))} s`;

const waitByDecile = (runs: readonly SimulatedRun[], names: readonly string[]): string => {
  const tenths = runs[0]?.report.byDecile ?? [];
  const groups = tenths.map(({ eloTo }, index) => ({
    label: `to ${Math.round(eloTo)}`,
    bars: runs.flatMap(({ report }, run) =>
      (["p50", "p90"] as const).map((name) => {
        const value = report.byDecile[index]?.waitMs[name] ?? 0;
        return { value, style: `s${run} ${name}`, title: `${names[run]}: ${name} ${wait(value)}` };
      }),
    ),
  }));
  const max = Math.max(0, ...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  return barPlot(
    "Wait by elo: p50 (full) and p90 (pale)",
    { label: "wait", max, format: seconds },
    "elo, a tenth of the tickets each",
    groups,
  );
};

const waitDistribution = (runs: readonly SimulatedRun[]): string => {
  const longest = Math.max(0, ...runs.map(({ report }) => report.waitMs.p99 ?? 0));
  const series = runs.map(({ plots }, run) => ({
    style: `s${run}`,
    points: thinned(plots.waits.map(({ waitMs, share }) => ({ x: waitMs, y: share }))).filter(({ x }) => x <= longest),
  }));
  return stepPlot(
    "Share matched within a wait, up to p99",
    { label: "wait", max: longest, format: seconds },
    { label: "share matched", max: 1, format: (share) => `${Math.round(share * 100)} %` },
    series,
  );
};

const gapAgainstWait = (runs: readonly SimulatedRun[]): string => {
  const all = runs.flatMap(({ plots }) => plots.matches);
  const max = (values: number[]) => quantile(values, 0.99) ?? 0;
  return scatterPlot(
    "Elo gap against the longest wait of a match (a sample; the outermost 1 % on the edge)",
    { label: "longest wait", max: max(all.map(({ waitMs }) => waitMs)), format: seconds },
    { label: "elo gap", max: max(all.map(({ eloGap }) => eloGap)), format: (gap) => String(Number(gap.toFixed(1))) },
    runs.map(({ plots }, run) => ({
      style: `s${run} dot`,
      points: plots.matches.map(({ waitMs, eloGap }) => ({ x: waitMs, y: eloGap })),
    })),
  );
};

const MAX_CURVE_POINTS = 1_000;

const thinned = <Point>(points: readonly Point[]): Point[] => {
  const every = Math.ceil(points.length / MAX_CURVE_POINTS);
  return points.filter((_, index) => index % every === 0 || index === points.length - 1);
};

const figuresTable = (runs: readonly SimulatedRun[], names: readonly string[]): string => {
  const reports = runs.map(({ report }) => report);
  const [first, second] = reports;
  const head = ["", ...names, ...(second ? ["change"] : [])];
  const rows = rowsFor(reports).map((row) => {
    const change = first && second ? [difference(row, first, second)] : [];
    return `<tr>${cells("td", [row.label, ...reports.map(row.text), ...change])}</tr>`;
  });
  return `<table><thead><tr>${cells("th", head)}</tr></thead><tbody>\n${rows.join("\n")}\n</tbody></table>`;
};

const groupTables = (report: SimulationReport, name: string): string =>
  [
    { title: "By elo decile", head: "elo", groups: decilesOf(report) },
    { title: "By party size", head: "players", groups: partySizesOf(report) },
  ]
    .filter(({ groups }) => groups.length > 0)
    .map(({ title, head, groups }) => {
      const heads = [head, ...GROUP_COLUMNS.map((column) => column.head)];
      const rows = groups.map(
        ([group, figures]) => `<tr>${cells("td", [group, ...GROUP_COLUMNS.map(({ text }) => text(figures))])}</tr>`,
      );
      return `<h2>${escapeHtml(name === "" ? title : `${title}, ${name}`)}</h2>\n<div class="wide"><table><thead><tr>${cells("th", heads)}</tr></thead><tbody>\n${rows.join("\n")}\n</tbody></table></div>`;
    })
    .join("\n");

const cells = (tag: "td" | "th", texts: readonly string[]): string =>
  texts.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join("");

const STYLE = `
:root { --ink: #1c2024; --paper: #fcfcfd; --line: #d9dce1; --s0: #2563c9; --s1: #c2570c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8eb; --paper: #15171a; --line: #363b42; --s0: #6ea0ff; --s1: #f59e5b; }
}
body { max-width: 80rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 1.5rem; }
figure { margin: 0; }
figcaption { font-weight: 600; }
svg { width: 100%; height: auto; }
svg text { font-size: 10px; fill: var(--ink); }
svg text.label { font-size: 11px; }
.grid { stroke: var(--line); }
.s0 { fill: var(--s0); --series: var(--s0); }
.s1 { fill: var(--s1); --series: var(--s1); }
.p90 { opacity: 0.45; }
.dot { opacity: 0.35; }
.line { fill: none; stroke: var(--series); stroke-width: 2; }
.key { border-left: 1rem solid var(--series); padding-left: 0.4rem; margin-right: 1rem; }
table { border-collapse: collapse; margin: 2rem 0 1rem; }
td, th { padding: 0.2rem 0.9rem; border-bottom: 1px solid var(--line); text-align: right; font-variant-numeric: tabular-nums; }
td:first-child { text-align: left; }
.wide { overflow-x: auto; }
.remark { margin: 0; font-size: 0.9rem; }
pre { overflow-x: auto; padding: 1rem; border: 1px solid var(--line); }
`;
