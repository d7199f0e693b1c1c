import { expect, it } from "vitest";
import { parseDuration } from "./duration.ts";

it.each([
  ["500ms", 500],
  ["60s", 60_000],
  ["2m", 120_000],
  ["1.5s", 1_500],
  ["1h", 3_600_000],
  [" 0s ", 0],
])("reads %s", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each(["60", "s", "-1s", "1d", "1s2s", "", "1e3s"])("refuses %s", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
