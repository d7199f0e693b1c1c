import fc from "fast-check";
import { expect, it } from "vitest";
import { backOffMs, sleep } from "./back-off.ts";

it("doubles, stays under its bound, and never waits less than half", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (n, u) => {
        const full = Math.min(2_000, 100 * 2 ** (n - 1));
        const waited = backOffMs(n, { firstMs: 100, mostMs: 2_000 }, { next: () => u });
        expect(waited).toBeGreaterThanOrEqual(full / 2);
        expect(waited).toBeLessThanOrEqual(full);
      },
    ),
  );
});

it("a sleep ends early when its signal is aborted", async () => {
  const stop = new AbortController();
  const slept = sleep(3_600_000, stop.signal);
  stop.abort();
  await slept;
  await sleep(3_600_000, stop.signal);
});
