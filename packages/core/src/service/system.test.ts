import { expect, it } from "vitest";
import { systemIds } from "./system.ts";

it("draws ids of letters and digits, none of them twice and no letter oftener than others", () => {
  const ids = Array.from({ length: 10_000 }, () => systemIds.ticket());
  expect(new Set(ids).size).toBe(ids.length);
  const times = new Map<string, number>();
  for (const id of ids) {
    expect(id).toMatch(/^t_[0-9A-Za-z]{20}$/);
    for (const letter of id.slice(2)) times.set(letter, (times.get(letter) ?? 0) + 1);
  }
  // 3,704 of each of 54 in the mean, with a standard deviation of 60.
  expect(times.size).toBe(54);
  expect(Math.min(...times.values())).toBeGreaterThan(3_300);
  expect(Math.max(...times.values())).toBeLessThan(4_100);
});
