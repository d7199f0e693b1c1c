import { expect, test } from "vitest";
import { countTests, summary } from "./run-tests.mjs";

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});
const report = (...testResults: ReturnType<typeof file>[]) => ({ testResults });

test("every test counts as what it was", () => {
  const files = report(file("passed", "passed", "passed", "skipped"), file("failed", "passed", "failed", "todo"));
  expect(countTests(files, 1)).toEqual({ passed: 3, failed: 1, skipped: 2 });
});

test("a file that could not be loaded counts as one failure", () => {
  expect(countTests(report(file("failed"), file("passed", "passed")), 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
});

test("a file whose hook threw counts as one failure beside its skipped tests", () => {
  expect(countTests(report(file("failed", "skipped", "passed")), 1)).toEqual({ passed: 1, failed: 1, skipped: 1 });
});

test("a test that was never finished, because its process died, has failed", () => {
  expect(countTests(report(file("failed", "passed", "pending")), 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
});

test("a crash without a report counts as one failure", () => {
  expect(countTests(null, 134)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("a failure outside the tests counts as one, though every test passed", () => {
  expect(countTests(report(file("passed", "passed")), 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
});

test("a run in which no test ran is a failure", () => {
  expect(countTests(report(), 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(countTests(report(file("passed", "skipped")), 0)).toEqual({ passed: 0, failed: 1, skipped: 1 });
});

test("the summary names skipped tests only when there are some", () => {
  expect(summary({ passed: 12, failed: 0, skipped: 0 })).toBe("12 passed, 0 failed");
  expect(summary({ passed: 12, failed: 1, skipped: 3 })).toBe("12 passed, 1 failed, 3 skipped");
});
