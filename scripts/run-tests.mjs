/**
 * Runs every check, one after the other: lint, types, then all tests. Each runs even when an earlier one failed, so
 * that one run shows everything. The last line is `N passed, N failed`; lint and types count as one check each.
 * Arguments go to vitest: `npm test -- packages/core`. Runs on Node 24; bootstrap.mjs sees to that.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runCommand } from "./bootstrap/run-command.mjs";

const ROOT = dirname(import.meta.dirname);

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 *
 * @typedef {object} VitestReport The part of vitest's JSON report that is read here
 * @property {{ status: string, assertionResults: { status: string }[] }[]} testResults One for each test file
 */

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

/**
 * @param {string[]} vitestArgs
 * @returns {Promise<number>} The exit code
 */
async function main(vitestArgs) {
  const folder = mkdtempSync(join(tmpdir(), "muster-tests-"));
  const reportFile = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  /** @type {[title: string, command: string[], count: (exitCode: number) => Counts][]} */
  const steps = [
    ["Lint", ["@biomejs/biome/bin/biome", "check", "."], countCheck],
    ["Types", ["typescript/bin/tsc", "-b"], countCheck],
    [
      "Tests",
      ["vitest/vitest.mjs", "run", ...reporters, ...vitestArgs],
      (code) => countTests(readReport(reportFile), code),
    ],
  ];
  const total = { passed: 0, failed: 0, skipped: 0 };
  try {
    for (const [title, [script = "", ...args], count] of steps) {
      console.log(`\n${title}`);
      const command = [process.execPath, join(ROOT, "node_modules", script), ...args];
      const { exitCode, stoppedBy } = await runCommand(command, { env: process.env, cwd: ROOT });
      // Half a run has no true counts to print.
      if (stoppedBy !== null) return exitCode || 1;
      const counts = count(exitCode);
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.skipped += counts.skipped;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`\n${summary(total)}`);
  return total.failed === 0 ? 0 : 1;
}

/**
 * @param {number} exitCode
 * @returns {Counts}
 */
function countCheck(exitCode) {
  return exitCode === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

/**
 * A file that failed without a failed test (it could not be loaded, or a hook threw) counts as one failure, and so
 * does a vitest that crashed, that ran no test at all, or that failed for a reason outside the tests.
 * @param {VitestReport | null} report Null when vitest left none
 * @param {number} exitCode Vitest's own
 * @returns {Counts}
 */
export function countTests(report, exitCode) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report?.testResults ?? []) {
    const failedBefore = counts.failed;
    for (const { status } of file.assertionResults) {
      if (status === "passed") counts.passed += 1;
      // Pending: its file died before it came to an end.
      else if (status === "failed" || status === "pending") counts.failed += 1;
      else counts.skipped += 1;
    }
    if (file.status === "failed" && counts.failed === failedBefore) counts.failed += 1;
  }
  const ranNothing = counts.passed + counts.failed === 0;
  if (ranNothing || (exitCode !== 0 && counts.failed === 0)) counts.failed += 1;
  return counts;
}

/** @param {Counts} counts */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/**
 * @param {string} path
 * @returns {VitestReport | null}
 */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}
