import fc from "fast-check";
import { expect, it } from "vitest";
import { ascending } from "./ascending.ts";

it("sorts as a stable sort with a comparator does, whatever the numbers", () => {
  const anyKey = fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -5, max: 5 }), fc.constantFrom(0, -0));
  fc.assert(
    fc.property(fc.array(anyKey, { maxLength: 300 }), (keys) => {
      const byKey = [...keys.entries()].sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0));
      expect([...ascending(Float64Array.from(keys))]).toEqual(byKey.map(([index]) => index));
    }),
  );
});

it("tells apart numbers whose distances to the lowest are whole only once they are rounded", () => {
  const keys = Float64Array.of(1 + Number.EPSILON, 1, -1_000, 1 + Number.EPSILON, 3);
  expect([...ascending(keys)]).toEqual([2, 1, 0, 3, 4]);
});

it("sorts keys that lie too close together to be told apart at first", () => {
  const keys = Float64Array.from({ length: 5_000 }, (_, index) => 1_000 + ((index * 7_919) % 5_000) * 1e-10);
  keys[0] = -10_000;
  const sorted = [...ascending(keys)].map((index) => keys[index]);
  expect(sorted).toEqual([...keys].sort((a, b) => a - b));
});

it("sorts few, hundreds and thousands of numbers as a comparator does, equal ones in the order that is asked for", () => {
  const anyRun = fc.record({
    count: fc.constantFrom(47, 300, 3_000),
    step: fc.constantFrom(1, 7_919, 1e-7, 1e12),
    wide: fc.integer({ min: 2, max: 60_000 }),
    // The second is not that of the indexes: as by id, of one time.
    tie: fc.constantFrom(undefined, (a: number, b: number) => b - a),
  });
  fc.assert(
    fc.property(anyRun, ({ count, step, wide, tie }) => {
      const keys = Float64Array.from({ length: count }, (_, index) => ((index * 48_271) % wide) * step - wide);
      const byKey = [...keys.keys()].sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || (tie ? tie(a, b) : a - b));
      expect([...ascending(keys, tie)]).toEqual(byKey);
    }),
  );
});
