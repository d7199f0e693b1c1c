import fc from "fast-check";
import { expect, it } from "vitest";
import { seededRandom } from "../testing/seeded-random.ts";
import { type Aged, AgedList } from "./aged-list.ts";

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant("add" as const), item: fc.nat(300) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("delete" as const), item: fc.nat(300) }) },
);

it("holds what a plain list holds, in the order in which it came, after whatever number is asked", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (steps, share) => {
      const list = new AgedList<number>();
      let plain: Aged<number>[] = [];
      const deleted: Aged<number>[] = [];
      for (const { op, item } of steps) {
        if (op === "add") {
          plain.push(list.add(item));
          continue;
        }
        const [gone] = plain.slice(item % (plain.length || 1));
        for (const each of [gone, ...deleted.slice(-2)]) if (each) list.delete(each);
        plain = plain.filter((each) => each !== gone);
        if (gone) deleted.push(gone);
      }
      expect(list.size).toBe(plain.length);
      expect([...list.after(0)]).toEqual(plain);
      const seq = Math.floor(share * (list.lastSeq + 1));
      expect([...list.after(seq)]).toEqual(plain.filter((each) => each.seq > seq));
    }),
    { numRuns: 300 },
  );
});

it("gives some by chance, none twice, none that is gone, was chosen before or is passed over", () => {
  const list = new AgedList<number>();
  const added = Array.from({ length: 1_000 }, (_, n) => list.add(n));
  for (const aged of added) if (aged.item % 2 === 0) list.delete(aged);
  const random = seededRandom();
  const some = (count: number, chosen: number[] = [], isPassedOver = (_: number) => false, from = list) => {
    const set = new Set(chosen);
    from.some(count, random, set, isPassedOver);
    return [...set];
  };
  const hundred = some(100);
  expect(hundred).toHaveLength(100);
  expect(hundred.filter((n) => n % 2 === 0)).toEqual([]);
  expect(Math.max(...hundred) - Math.min(...hundred)).toBeGreaterThan(500);
  expect(some(100, [1, 3, 5])).toHaveLength(103);
  // Every one that there is, though chance alone would hardly find the last.
  expect(new Set(some(500))).toEqual(new Set(Array.from({ length: 500 }, (_, n) => 2 * n + 1)));
  expect(some(500, [], (n) => n > 100)).toHaveLength(50);
  expect(some(5, [], undefined, new AgedList<number>())).toEqual([]);
});
