import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import Table from "cli-table3";
import { type Bench, type BenchResult, type Figures, figureAt, type Goal, isReached } from "./bench.ts";
import type { Machine, Versions } from "./machine.ts";

const RESULTS = new URL("./results/", import.meta.url);

/** What bench/results/<name>.json holds. */
export interface KeptResult {
  name: string;
  machine: Machine;
  versions: Versions;
  seed: number;
  /** When the bench began, as ISO 8601. */
  at: string;
  quick: boolean;
  figures: Figures;
  /** The names of the figures whose goal was missed. */
  missed: string[];
  notes: string[];
}

/** @returns where it was written */
export const keepResult = async (result: KeptResult): Promise<string> => {
  await mkdir(RESULTS, { recursive: true });
  const file = fileURLToPath(new URL(`${result.name}.json`, RESULTS));
  await writeFile(file, `${resultText(result, 2)}\n`);
  return file;
};

export const resultText = (result: KeptResult, indent = 0): string => JSON.stringify(result, rounded, indent);

/** Further digits would only look exact. */
const rounded = (_: string, value: unknown) => (typeof value === "number" ? Math.round(value * 1e4) / 1e4 : value);

/** The result for a reader: a table, and below it whatever is needed to judge it. */
export const formatResult = (bench: Bench, result: BenchResult, quick: boolean): string => {
  const table = new Table({
    head: ["figure", "measured", "goal", ""],
    colAligns: ["left", "right", "left", "left"],
    // No colour codes: they would only be in the way where the output is kept or searched.
    style: { head: [], border: [], compact: true },
  });
  for (const { figure, label, unit } of result.rows) {
    const goal = result.goals.find((each) => each.figure === figure);
    const verdict = goal ? (isReached(goal, result.figures) ? "reached" : "MISSED") : "";
    table.push([label, inWords(figureAt(result.figures, figure), unit), goal ? goalInWords(goal, unit) : "", verdict]);
  }
  const title = `${bench.name}${quick ? " (quick)" : ""}: ${bench.about}`;
  return [title, table.toString(), ...result.notes].join("\n");
};

/** By what two runs can be told apart: rates differ as these do. */
export const latencyInWords = ({ latency: { cachedNs, memoryNs } }: Machine): string =>
  `Just before, a read took ${inWords(Math.round(cachedNs), "ns")} within 1 MiB and ${inWords(Math.round(memoryNs), "ns")} within 64 MiB.`;

const goalInWords = (goal: Goal, unit?: string): string => {
  if ("below" in goal) return `< ${inWords(goal.below, unit)}`;
  return "atLeast" in goal ? `≥ ${inWords(goal.atLeast, unit)}` : inWords(goal.exactly, unit);
};

const inWords = (value: number | null, unit?: string): string => {
  if (value === null) return "–";
  const number = value.toLocaleString("en-US", { maximumFractionDigits: 3 });
  return unit === undefined ? number : `${number} ${unit}`;
};
