import fc from "fast-check";
import { expect, it } from "vitest";
import { monthOf, monthsOf } from "./months.ts";

it("a month is UTC's, from its first moment to the next one's", () => {
  expect(monthOf(Date.UTC(2026, 11, 31, 23, 59, 59, 999))).toEqual({
    name: "2026_12",
    from: "2026-12-01T00:00:00.000Z",
    to: "2027-01-01T00:00:00.000Z",
  });
  expect(monthOf(Date.UTC(2026, 11, 31), 1).name).toBe("2027_01");
  // February has no 31st.
  expect(monthOf(Date.UTC(2026, 0, 31), 1).name).toBe("2026_02");
});

it("every time is in its month, and months of different names don't overlap", () => {
  const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
  fc.assert(
    fc.property(fc.array(time, { minLength: 1, maxLength: 20 }), (times) => {
      for (const ms of times) {
        const { from, to } = monthOf(ms);
        expect(Date.parse(from) <= ms && ms < Date.parse(to)).toBe(true);
      }
      const months = monthsOf(times).sort((a, b) => Date.parse(a.from) - Date.parse(b.from));
      expect(new Set(months.map(({ name }) => name)).size).toBe(months.length);
      months.slice(1).forEach((month, n) => {
        expect(Date.parse(months[n]?.to ?? "")).toBeLessThanOrEqual(Date.parse(month.from));
      });
    }),
  );
});
