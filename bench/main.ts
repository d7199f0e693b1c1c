/**
 * `npm run bench [-- NAME…|all] [-- --quick]`: measures Muster on this machine. Prints a table for each bench and keeps its
 * figures in bench/results/NAME.json.
 *
 * A goal that is missed is shown, and no more: machines differ. The exit code is 1 only when a bench failed or an
 * invariant was broken; the others are those of every command of `muster`.
 */
import { relative } from "node:path";
import { EXIT, EXIT_HELP, exitCodeOf, progressLine } from "@muster/cli";
import { Argument, Command } from "commander";
import { type Bench, brokenInvariants, missedGoals } from "./bench.ts";
import { BENCHES, MAIN } from "./benches/index.ts";
import { describeMachine, readVersions } from "./machine.ts";
import { formatResult, keepResult, latencyInWords, resultText } from "./report.ts";

const stopped = new AbortController();
// What a bench has started is stopped in order; who can't wait for that asks again.
const onSignal = () => {
  if (stopped.signal.aborted) process.exit(EXIT.killed);
  console.error("\nStopping everything. Ctrl-C again kills it at once.");
  stopped.abort(new Error("interrupted"));
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);

/** In place of names. */
const ALL = "all";

interface Options {
  quick?: boolean;
  data?: string;
  json?: boolean;
}

/** @returns whether it ran through and broke no invariant */
const runBench = async (bench: Bench, { quick = false, data, json = false }: Options): Promise<boolean> => {
  const { name, seed } = bench;
  const line = progressLine(process.stderr);
  const at = new Date().toISOString();
  // Before the bench, while nothing of it runs.
  const machine = describeMachine();
  try {
    const result = await bench.run({
      ...{ quick, seed, signal: stopped.signal, ...(data !== undefined && { data }) },
      say: (text) => {
        line.done();
        console.error(`${name}: ${text}`);
      },
      show: (progress) => line.show(progress),
    });
    line.done();
    if (!json) console.log(`\n${formatResult(bench, result, quick)}\n${latencyInWords(machine)}`);
    const { figures, notes } = result;
    const kept = { name, machine, versions: await readVersions(process.env), seed, at, quick };
    const whole = { ...kept, figures, missed: missedGoals(result), notes };
    const file = await keepResult(whole);
    console.log(json ? resultText(whole) : `Kept in ${relative(process.cwd(), file)}\n`);
    const broken = brokenInvariants(result);
    for (const { figure } of broken) console.error(`${name}: ${figure} must be 0`);
    return broken.length === 0;
  } catch (error) {
    line.done();
    if (!stopped.signal.aborted) console.error(`${name} failed:`, error);
    return false;
  }
};

const main = async (names: readonly string[], options: Options): Promise<number> => {
  const named = names.includes(ALL) ? BENCHES : BENCHES.filter(({ name }) => names.includes(name));
  const chosen = names.length === 0 ? MAIN : named;
  let isFine = true;
  for (const bench of chosen) {
    if (!(await runBench(bench, options))) isFine = false;
    if (stopped.signal.aborted) return EXIT.killed;
  }
  return isFine ? EXIT.ok : EXIT.failed;
};

const mainNames = MAIN.map(({ name }) => name).join(", ");
const names = new Argument("[names...]", `which benches; when none is named: ${mainNames}`).choices([
  ...BENCHES.map(({ name }) => name),
  ALL,
]);
const program = new Command("npm run bench --")
  .description("Measures Muster on this machine.")
  .addArgument(names)
  .option("--quick", "shorter runs, for a first look")
  .option("--json", "what is kept of each bench, one JSON object a line, instead of tables")
  .option("--data <folder>", "data that Muster doesn't ship: the speed dating experiment, for `instant`")
  .addHelpText("after", `\nBenches:\n${BENCHES.map(({ name, about }) => `  ${name.padEnd(15)}${about}`).join("\n")}`)
  .addHelpText("after", EXIT_HELP)
  .exitOverride((error) => process.exit(exitCodeOf(error)))
  .parse();

process.exit(await main(program.processedArgs[0], program.opts<Options>()));
