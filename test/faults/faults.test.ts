import { seededRandom } from "@muster/cli";
import { describe, expect, it } from "vitest";
import { drawFaults } from "./draw-faults.ts";
import { formatReport } from "./report.ts";
import { runFaults } from "./run-faults.ts";
import { seedOfCommit } from "./seed-of-commit.ts";

const FAULTS = 30;
const LIMIT_MS = 400_000;
const SEED = Number(process.env.MUSTER_TEST_SEED ?? seedOfCommit());

it(
  `${FAULTS} faults under load, two at a time: nothing is lost, double, half or told in the wrong order`,
  async () => {
    console.log(`MUSTER_TEST_SEED=${SEED} repeats these`);
    const report = await runFaults({ faults: drawFaults(FAULTS, seededRandom(SEED)), seed: SEED, inPairs: true });
    console.log(formatReport(report));
    expect(report.violations).toEqual([]);
    // How fast is for the report to say, and for a machine with nothing else to do.
    expect(report.recoveries.filter(({ tookMs }) => tookMs === undefined)).toEqual([]);
    // Most of the time matches were made.
    expect(report.matches).toBeGreaterThan(FAULTS * 20);
  },
  LIMIT_MS,
);

/** What the checker says of a build without what it is there to see. */
describe("the checker catches a mover", () => {
  it.each([
    ["without its WATCH", "no-watch", "keep EXEC back", "ticket of an old version committed"],
    [
      "without its fence",
      "no-fence",
      "keep a leader's transaction back until another leads",
      "commit by a former leader",
    ],
  ])(
    "%s",
    async (_, mutant, fault, kind) => {
      const { violations } = await runFaults({ faults: Array.from({ length: 2 }, () => fault), seed: SEED, mutant });
      expect(violations.map((violation) => violation.kind)).toContain(kind);
    },
    LIMIT_MS,
  );
});
