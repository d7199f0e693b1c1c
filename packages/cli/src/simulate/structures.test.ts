import fc from "fast-check";
import { expect, it } from "vitest";
import { DueTimes } from "./due-times.ts";
import { WaitingPool } from "./waiting-pool.ts";

it("a pool reads what is nearest, within the range, and forgets what was removed", () => {
  const elos = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 40 });
  fc.assert(
    fc.property(elos, fc.integer({ min: 0, max: 50 }), fc.nat(20), fc.nat(10), (list, centre, reach, limit) => {
      const pool = new WaitingPool<{ elo: number; order: number }>();
      const items = list.map((elo, order) => ({ elo, order }));
      for (const item of items) pool.add(item);
      const kept = items.filter(({ order }) => order % 3 !== 0);
      for (const item of items) if (item.order % 3 === 0) pool.remove(item);
      expect(items.map((item) => pool.has(item))).toEqual(items.map(({ order }) => order % 3 !== 0));
      const distances = (found: { elo: number }[]) => found.map(({ elo }) => Math.abs(elo - centre));
      const near = pool.near({ low: centre - reach, high: centre + reach, centre, limit });
      expect(new Set(near).size).toBe(near.length);
      expect(distances(near)).toEqual(
        distances(kept)
          .filter((distance) => distance <= reach)
          .sort((a, b) => a - b)
          .slice(0, limit),
      );
    }),
  );
});

it("what is due comes out by time, equal times in the order of adding", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.nat(20), (times, byMs) => {
      const due = new DueTimes<number>();
      times.forEach((atMs, index) => {
        due.add(atMs, index);
      });
      const sorted = times.map((atMs, index) => ({ atMs, index })).sort((a, b) => a.atMs - b.atMs || a.index - b.index);
      const first = sorted.filter(({ atMs }) => atMs <= byMs);
      expect(due.take(byMs)).toEqual(first.map(({ index }) => index));
      expect(due.nextMs).toBe(sorted[first.length]?.atMs ?? Infinity);
      expect(due.take(Infinity)).toEqual(sorted.slice(first.length).map(({ index }) => index));
    }),
  );
});
