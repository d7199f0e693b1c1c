/**
 * `npm run bench:quick`: five ratios against the naive baseline and against bare Redis commands, measured in one run of
 * less than a minute, for every change to be held against. Keeps them in bench/results/quick.json.
 *
 * The exit code is 1 when a ratio is below its minimum in two runs, or a bench failed.
 */
import { relative } from "node:path";
import Table from "cli-table3";
import { describeMachine, readVersions } from "./machine.ts";
import { measureRatios, type Ratio } from "./quick/ratios.ts";
import { keepResult } from "./report.ts";

/** Two rounds fit into it. */
const LIMIT_MS = 170_000;

const main = async (): Promise<number> => {
  const at = new Date().toISOString();
  const began = performance.now();
  const signal = AbortSignal.timeout(LIMIT_MS);
  const context = { quick: true, seed: 8, signal, say: (text: string) => console.error(text), show: () => {} };
  let ratios = await measureRatios(context);
  if (ratios.some(isTooLow)) {
    console.error(`\n${format(ratios)}\nBelow its minimum: once more, since a machine may be busy for a moment.`);
    const again = await measureRatios(context);
    ratios = ratios.map((first, index) => {
      const second = again[index];
      return second && !(second.measured < first.measured) ? second : first;
    });
  }
  console.log(format(ratios));
  console.log(`Measured in ${Math.round((performance.now() - began) / 1_000)} s.`);
  const figures = Object.fromEntries(ratios.map(({ name, measured }) => [name, measured]));
  const missed = ratios.filter(isTooLow).map(({ name }) => name);
  const kept = { name: "quick", machine: describeMachine(), versions: await readVersions(process.env), seed: 8, at };
  const file = await keepResult({ ...kept, quick: true, figures, missed, notes: [] });
  console.log(`Kept in ${relative(process.cwd(), file)}`);
  if (missed.length > 0) console.error(`Too low: ${missed.join(", ")}. docs/performance.md tells how to find out why.`);
  return missed.length > 0 ? 1 : 0;
};

/** What wasn't measured is no pass. */
const isTooLow = ({ measured, atLeast }: Ratio): boolean => !(measured >= atLeast);

const format = (ratios: readonly Ratio[]): string => {
  const table = new Table({
    head: ["ratio", "", "measured", "at least", ""],
    colAligns: ["left", "left", "right", "right", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const ratio of ratios) {
    const { name, about, measured, atLeast } = ratio;
    table.push([name, about, measured.toFixed(3), atLeast.toFixed(2), isTooLow(ratio) ? "TOO LOW" : "ok"]);
  }
  return table.toString();
};

process.exit(await main());
