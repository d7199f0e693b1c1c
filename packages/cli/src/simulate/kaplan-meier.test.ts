import { expect, it } from "vitest";
import { waitCurve, waitPercentile } from "./kaplan-meier.ts";

const waits = (texts: string) =>
  texts.split(" ").map((text) => ({ waitMs: Number.parseFloat(text), matched: !text.endsWith("+") }));

// The treated group of Freireich et al. 1963, the textbooks' example: remission in weeks, + for censored.
const REMISSIONS = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+";

it("gives the textbook's survival curve", () => {
  const { points, longestMs } = waitCurve(waits(REMISSIONS));
  expect(points.map(({ waitMs, share }) => [waitMs, Number((1 - share).toFixed(3))])).toEqual([
    [6, 0.857],
    [7, 0.807],
    [10, 0.753],
    [13, 0.69],
    [16, 0.627],
    [22, 0.538],
    [23, 0.448],
  ]);
  expect(longestMs).toBe(35);
  expect(waitPercentile(waitCurve(waits(REMISSIONS)), 0.5)).toEqual({ waitMs: 23, isLowerBound: false });
});

it("gives plain percentiles when nobody was cut off", () => {
  const curve = waitCurve(waits("40 10 30 20 60 50 90 80 70 100"));
  expect([0.1, 0.5, 0.9, 0.99, 1].map((share) => waitPercentile(curve, share)?.waitMs)).toEqual([10, 50, 90, 100, 100]);
});

it("says that a percentile is only bounded below when too few were matched", () => {
  const curve = waitCurve(waits("1 2 9+ 9+"));
  expect(waitPercentile(curve, 0.5)).toEqual({ waitMs: 2, isLowerBound: false });
  expect(waitPercentile(curve, 0.9)).toEqual({ waitMs: 9, isLowerBound: true });
  expect(waitPercentile(waitCurve(waits("9+ 9+")), 0.5)).toEqual({ waitMs: 9, isLowerBound: true });
  expect(waitPercentile(waitCurve([]), 0.5)).toBeNull();
});
