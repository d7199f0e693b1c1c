import fc from "fast-check";
import { expect, it } from "vitest";
import { estimateRemainingMs } from "./remaining-wait.ts";

const recent = { p50: 10_000, p90: 50_000, p99: 140_000 };

it("is the median wait for a new ticket", () => {
  expect(estimateRemainingMs(recent, 0)).toBe(10_000);
});

it("is the median of those who waited as long: half of the rest is matched by then", () => {
  // Half waited longer than 10 s; of these, half are matched by the share 0.75, at 35 s.
  expect(estimateRemainingMs(recent, 10_000)).toBe(25_000);
  // A tenth waited longer than 50 s; half of it by the share 0.95, at 100 s.
  expect(estimateRemainingMs(recent, 50_000)).toBe(50_000);
});

it("isn't known without recent matches, nor for who waits longer than nearly all did", () => {
  expect(estimateRemainingMs(null, 0)).toBeNull();
  expect(estimateRemainingMs(recent, 139_000)).toBeNull();
  expect(estimateRemainingMs(recent, 500_000)).toBeNull();
});

it("is known where all waits are the same", () => {
  expect(estimateRemainingMs({ p50: 0, p90: 0, p99: 0 }, 0)).toBeNull();
  expect(estimateRemainingMs({ p50: 900, p90: 900, p99: 900 }, 0)).toBe(900);
});

it("is never less than nothing", () => {
  const wait = fc.nat(200_000);
  fc.assert(
    fc.property(fc.tuple(wait, wait, wait), wait, (waits, waitedMs) => {
      const [p50 = 0, p90 = 0, p99 = 0] = waits.sort((a, b) => a - b);
      const left = estimateRemainingMs({ p50, p90, p99 }, waitedMs);
      if (left === null) return;
      expect(left).toBeGreaterThanOrEqual(0);
      expect(left).toBeLessThanOrEqual(p99);
    }),
  );
});
