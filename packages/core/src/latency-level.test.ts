import { expect, it } from "vitest";
import { latencyLevel } from "./latency-level.ts";

it.each([
  [0, 1],
  [100, 1],
  [100.5, 2],
  [200, 2],
  [300, 3],
  [400, 4],
  [401, 5],
])("a ping of %d ms has latency level %d", (pingMs, level) => {
  expect(latencyLevel(pingMs)).toBe(level);
});
