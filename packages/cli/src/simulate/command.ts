import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Clock } from "@muster/core";
import { systemClock } from "@muster/core/service";
import type { Command } from "commander";
import { EXIT } from "../exit-codes.ts";
import { BadOptionError } from "../load/bad-option.ts";
import { readPopulation } from "../load/population.ts";
import type { Terminal } from "../load/progress.ts";
import { htmlPage } from "./html.ts";
import { parseSimulateOptions, type RawSimulateOptions } from "./options.ts";
import { simulationProgress } from "./progress.ts";
import { count } from "./report-rows.ts";
import { formatReports } from "./report-table.ts";
import { runSimulation } from "./run-simulation.ts";

export interface SimulateTerminal {
  /** Tells how long the run takes; the run itself has a clock of its own. */
  clock: Clock;
  out: Terminal;
  err: Terminal;
}

/** `muster simulate`. @returns the exit code */
export const simulateCommand = async (
  raw: RawSimulateOptions,
  { clock, out, err }: SimulateTerminal,
): Promise<number> => {
  try {
    const { simulate, json, html } = await parseSimulateOptions(raw);
    const people = await readPopulation(simulate.population);
    const names = distinctNames(simulate.definitions.map(({ file }) => file));
    const line = simulationProgress(json === true ? err : out, clock);
    const took = { simulating: 0, comparing: 0 };
    let since = clock.now();
    const lap = (part: keyof typeof took) => {
      const now = clock.now();
      took[part] += now - since;
      since = now;
    };
    const runs = runSimulation(simulate, people, {
      progress: (run, progress) => line.show(progress, names.length > 1 ? (names[run] ?? "") : ""),
      simulated: () => lap("simulating"),
      compared: () => lap("comparing"),
    });
    line.done();
    const reports = runs.map(({ report }) => report);
    const [report, other] = reports;
    const whole = { ...report, ...(other && { other }) };
    if (typeof json === "string") await writeFile(json, `${JSON.stringify(whole, null, 2)}\n`);
    if (html !== undefined) await writeFile(html, htmlPage(runs, names));
    const text = () => `${formatReports(reports, names)}\n${tookInWords(simulate.forMs * runs.length, took)}\n`;
    out.write(json === true ? `${JSON.stringify(whole)}\n` : text());
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof BadOptionError)) throw error;
    err.write(`${error.message}\n`);
    return EXIT.config;
  }
};

/** The comparison apart: its time has nothing to do with how fast matching is, and teams have none. */
const tookInWords = (simulatedMs: number, took: { simulating: number; comparing: number }): string => {
  const inSeconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  const times = count(Math.round(simulatedMs / Math.max(1, took.simulating)));
  const comparison =
    inSeconds(took.comparing) !== inSeconds(0) ? ` Compared with hindsight in ${inSeconds(took.comparing)}.` : "";
  return `Simulated in ${inSeconds(took.simulating)}, ${times} times faster than real time.${comparison}`;
};

/** The files' own names, or their whole paths if these are the same. */
const distinctNames = (files: readonly string[]): string[] => {
  const names = files.map((file) => basename(file));
  return new Set(names).size === names.length ? names : [...files];
};

export const registerSimulateCommand = (program: Command): void => {
  program
    .command("simulate")
    .summary("try a queue's definition on a virtual clock and report")
    .description(
      "Runs the real matching on a virtual clock, far faster than real time: players of a real ladder arrive over a " +
        "day's curve, wait and are matched. Reports waits, gaps and pings, and how far the matches are from the best " +
        "that hindsight could choose. The same options give the same figures.",
    )
    .option("--queue <name>", "the queue (default: duel)")
    .option("--rate <n>", "players per second, mean over a day: 5, 5/s, 90/m (default: 5/s)")
    .option("--for <time>", "how long the run lasts: 10m, 2h (default: 2h)")
    .option("--queues <file>", "where the queue is defined (default: the queues.json that comes with Muster)")
    .option("--definition <file>", "a second queues file to compare with, on the same arrivals")
    .option("--population <file>", "the players, as CSV, also packed with gzip (default: data/population.csv.gz)")
    .option("--seed <n>", "another seed, other arrivals (default: 1)")
    .option("--start <hour>", "the hour of the day at which the run begins (default: so that it lies around 14:00)")
    .option("--flat", "the same rate at all hours")
    .option("--match-for <time>", "how long a match lasts, at most the queue's matchLengthMs (default: 10m)")
    .option("--commit <time>", "from a search to the commit of its matches (default: 5ms)")
    .option("--parties <weights>", "how frequent parties of 1, 2, … players are (default: each half as the one before)")
    .option("--roles <weights>", "how often each role is the first choice: tank=1,dps=4 (default: its places squared)")
    .option("--teams <weights>", "how often each team is asked for by name: any=4,red=1 (default: nobody asks)")
    .option(
      "--json [file]",
      "write the report there too, a second definition's in it as `other`; without a file, only that to standard output",
    )
    .option("--html <file>", "write a page with plots there")
    .addHelpText(
      "after",
      "\nExample:\n  muster simulate --queue duel --rate 5/s --for 2h --definition other.json --html report.html",
    )
    .action(async (raw: RawSimulateOptions) => {
      const { stdout: out, stderr: err } = process;
      process.exitCode = await simulateCommand(raw, { clock: systemClock, out, err });
    });
};
