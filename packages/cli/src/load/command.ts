import { writeFile } from "node:fs/promises";
import type { Clock } from "@muster/core";
import { systemClock } from "@muster/core/service";
import { type Command, Option } from "commander";
import { EXIT } from "../exit-codes.ts";
import { BadOptionError } from "./bad-option.ts";
import { CannotLoadError, runLoad } from "./load.ts";
import { LOAD_DEFAULTS, type LoadOptions, parseLoadOptions, type RawLoadOptions } from "./options.ts";
import { progressLine, type Terminal } from "./progress.ts";
import { formatReport, isClean, type LoadReport } from "./report.ts";

export interface LoadTerminal {
  clock: Clock;
  out: Terminal;
  err: Terminal;
  /** Stops the arrivals; what was sent is still settled and reported. */
  signal?: AbortSignal;
}

// npm passes a Ctrl-C on that the terminal has sent to us as well: two so close together are one.
const ONE_CTRL_C_MS = 300;

/** A load run with its progress line and, at the end, its table. @throws as `runLoad` */
export const runLoadInTerminal = async (
  options: LoadOptions,
  { clock, out, signal }: LoadTerminal,
): Promise<LoadReport> => {
  const line = progressLine(out);
  try {
    const report = await runLoad(options, {
      clock,
      progress: (progress) => line.show(progress),
      ...(signal && { signal }),
    });
    line.done();
    out.write(`${formatReport(report)}\n`);
    return report;
  } finally {
    line.done();
  }
};

/** `muster load`. @returns the exit code */
export const loadCommand = async (raw: RawLoadOptions, terminal: LoadTerminal): Promise<number> => {
  try {
    const { load, json } = await parseLoadOptions(raw);
    // Then a program reads there, and nothing else must stand in its way.
    const asked = json === true ? { ...terminal, out: terminal.err } : terminal;
    const report = await runLoadInTerminal(load, asked);
    if (json === true) terminal.out.write(`${JSON.stringify(report)}\n`);
    else if (json !== undefined) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
    return isClean(report) ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (!(error instanceof BadOptionError) && !(error instanceof CannotLoadError)) throw error;
    terminal.err.write(`${error.message}\n`);
    return error instanceof BadOptionError ? EXIT.config : EXIT.failed;
  }
};

export const registerLoadCommand = (program: Command): void => {
  const { url, queue, rate, cancelShare } = LOAD_DEFAULTS;
  program
    .command("load")
    .summary("send real players through a running Muster and report")
    .description(
      "Sends the players of a real ladder to a running Muster as a game realm would, at a steady rate that doesn't " +
        "wait for the server, watches what becomes of each, and reports. Ctrl-C stops the arrivals and still reports.",
    )
    .addOption(new Option("--url <url>", `where Muster is (default: ${url})`).env("MUSTER_URL"))
    .option("--queue <name>", `the queue (default: ${queue})`)
    .option("--rate <n>", `players per second (default: ${rate})`)
    .option("--for <time>", "how long players arrive: 500ms, 60s, 2m (default: 60s)")
    .option("--cancel <share>", `share of the players that cancel again, 0 to 1 (default: ${cancelShare})`)
    .option("--match-for <time>", "how long a match lasts (default: 5s)")
    .option("--grace <time>", "how long to wait for the rest after the last arrival (default: 10s)")
    .option("--population <file>", "the players, as CSV, also packed with gzip (default: data/population.csv.gz)")
    .option("--seed <n>", "offer the very load of an earlier run (default: from the time)")
    .option("--json [file]", "write the report there too; without a file, only that to standard output, on one line")
    .addHelpText(
      "after",
      "\nIt ends with 1 when a player is not accounted for, once and without contradiction.\n" +
        "\nExample:\n  muster load --rate 500 --for 2m --json report.json",
    )
    .action(async (raw: RawLoadOptions) => {
      const { signal, release } = stopOnInterrupt();
      try {
        const { stdout: out, stderr: err } = process;
        process.exitCode = await loadCommand(
          { ...raw, apiKey: process.env.MUSTER_API_KEY },
          { clock: systemClock, out, err, signal },
        );
      } finally {
        release();
      }
    });
};

/** The first Ctrl-C stops the arrivals, a second one the process. */
const stopOnInterrupt = () => {
  const stop = new AbortController();
  let askedAt = 0;
  const interrupt = () => {
    if (!stop.signal.aborted) {
      askedAt = systemClock.now();
      process.stderr.write("\nNo more players are sent; waiting for the rest. Ctrl-C again ends at once.\n");
      stop.abort();
    } else if (systemClock.now() - askedAt > ONE_CTRL_C_MS) {
      process.exit(EXIT.killed);
    }
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  return { signal: stop.signal, release: () => void process.off("SIGINT", interrupt).off("SIGTERM", interrupt) };
};
