import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { formatProgress, simulationProgress } from "./progress.ts";

const progress = { atMs: 30_000, forMs: 120_000, arrived: 1_200, matched: 1_100, expired: 0, waiting: 100 };

it("says how far it is", () => {
  expect(formatProgress(progress, "")).toBe("██████░░░░░░░░░░░░░░░░░░ 25 %  arrived 1,200  matched 1,100  waiting 100");
  expect(formatProgress({ ...progress, expired: 2 }, "b.json")).toContain(
    "25 % of b.json  arrived 1,200  matched 1,100  expired 2",
  );
});

it("writes a plain line every 5 s where there is no terminal", () => {
  const out = new PassThrough();
  let now = 0;
  const line = simulationProgress(out, { now: () => now });
  for (; now <= 11_000; now += 250) line.show(progress, "");
  line.done();
  expect(String(out.read()).trim().split("\n")).toHaveLength(2);
});
