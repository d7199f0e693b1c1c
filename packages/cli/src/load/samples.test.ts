import { expect, it } from "vitest";
import { Samples } from "./samples.ts";

it("tells mean and percentiles", () => {
  const samples = new Samples();
  for (let value = 1; value <= 100; value++) samples.add(value);
  expect(samples.count).toBe(100);
  expect(samples.mean()).toBe(50.5);
  expect([50, 90, 99].map((percent) => samples.percentile(percent))).toEqual([50, 90, 99]);
});

it("keeps tenths, and counts what is out of range at its ends", () => {
  const samples = new Samples();
  samples.add(0.34);
  expect(samples.percentile(50)).toBe(0.3);
  samples.add(-5);
  expect(samples.percentile(1)).toBe(0);
  samples.add(1e12);
  expect(samples.percentile(100)).toBeGreaterThanOrEqual(3_600_000);
});

it("says null when nothing was measured", () => {
  expect(new Samples().mean()).toBeNull();
  expect(new Samples().percentile(99)).toBeNull();
});
