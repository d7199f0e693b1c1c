import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RepeatedIds } from "./repeated-ids.ts";

const suspectsAmong = (ids: readonly string[], expected = ids.length): Set<number> => {
  const repeated = new RepeatedIds(expected);
  for (const [holder, id] of ids.entries()) repeated.add(id, holder);
  return repeated.suspects();
};

describe("repeated ids", () => {
  it("are found with all who hold them, and nobody else is suspected, as a count of all tells", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 150 }), fc.nat(40), (ids, expected) => {
        const holders = ids
          .map((id, holder) => ({ id, holder }))
          .filter(({ id }) => ids.indexOf(id) !== ids.lastIndexOf(id));
        expect(suspectsAmong(ids, expected)).toEqual(new Set(holders.map(({ holder }) => holder)));
      }),
    );
  });

  it("are found among a hundred thousand others, where bits are shared, and few others are suspected", () => {
    const ids = Array.from({ length: 100_000 }, (_, index) => `p_${index}`);
    const [first, last] = [7, ids.length];
    const suspects = suspectsAmong([...ids, `p_${first}`], ids.length / 10);
    expect(suspects).toContain(first);
    expect(suspects).toContain(last);
    // Two of 2^32 hashes are equal for about one pair of so many.
    expect(suspects.size).toBeLessThan(20);
  });
});
