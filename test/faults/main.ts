/**
 * `npm run test:faults [-- --faults 200] [--seed 1] [--only NAME]`: many faults under load, about 20 minutes for 200. The
 * same seed makes the same faults in the same order; what load and faults do to each other is for the machine to say.
 * The exit code is 1 when anything was broken.
 */
import { writeFile } from "node:fs/promises";
import { seededRandom } from "@muster/cli";
import { Command } from "commander";
import { drawFaults } from "./draw-faults.ts";
import { FAULTS } from "./faults.ts";
import { formatReport } from "./report.ts";
import { runFaults } from "./run-faults.ts";

const program = new Command("test:faults")
  .option("--faults <count>", "how many", Number, 200)
  .option("--seed <number>", "which ones", Number, 1)
  .option("--pairs", "two at a time, as in npm test: of processes, and of Redis or of connections")
  .option("--history <file>", "write there, as JSON, what the checker went by: to see why it says what it says")
  .option("--only <name>", `this one, as often: ${Object.keys(FAULTS).join(", ")}`);
program.parse();
const {
  faults: count,
  seed,
  only,
  pairs = false,
  history: file,
} = program.opts<{ faults: number; seed: number; only?: string; pairs?: boolean; history?: string }>();

const faults = only ? Array.from({ length: count }, () => only) : drawFaults(count, seededRandom(seed));
console.log(`seed ${seed}`);
const report = await runFaults({ faults, seed, inPairs: pairs, say: (text) => console.log(text) });
console.log(formatReport(report));
if (file !== undefined) {
  await writeFile(
    file,
    JSON.stringify(report.history, (_, value) => (value instanceof Map ? [...value.values()] : value)),
  );
}
process.exitCode = report.violations.length > 0 ? 1 : 0;
