import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import type { LoadProgress } from "./load.ts";
import { formatProgress, progressLine } from "./progress.ts";

const progress: LoadProgress = {
  phase: "sending",
  elapsedMs: 12_300,
  forMs: 60_000,
  enqueued: 2_460,
  matched: 2_400,
  cancelled: 0,
  expired: 0,
  waiting: 60,
  ratePerS: 200,
};

it("says how far it is", () => {
  expect(formatProgress(progress)).toBe("12 s of 60 s  enqueued 2,460 (200/s)  matched 2,400  waiting 60");
  expect(formatProgress({ ...progress, forMs: Infinity, cancelled: 3, expired: 1 })).toBe(
    "12 s  enqueued 2,460 (200/s)  matched 2,400  cancelled 3  expired 1  waiting 60",
  );
  expect(formatProgress({ ...progress, phase: "settling" })).toMatch(/^waiting for the rest/);
});

it("writes a plain line every 5 s where there is no terminal", () => {
  const out = new PassThrough();
  const line = progressLine(out);
  for (let elapsedMs = 0; elapsedMs <= 11_000; elapsedMs += 250) line.show({ ...progress, elapsedMs });
  line.done();
  const lines = String(out.read()).trim().split("\n");
  expect(lines.map((text) => text.slice(0, 4))).toEqual(["5 s ", "10 s"]);
});
