import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fillablePlaces, packParties } from "./pack-parties.ts";

describe("packing parties into teams", () => {
  it("finds the way that first fit misses", () => {
    // First fit puts both fours together and strands the last three.
    const packing = packParties([4, 4, 3, 3, 3, 3], [10, 10]);
    const places = packing?.map((team, party) => [team, [4, 4, 3, 3, 3, 3][party]]);
    expect(places).toHaveLength(6);
    expect(packing?.filter((team) => team === 0)).toHaveLength(3);
  });

  it("says so when there is no way", () => {
    expect(packParties([3, 3, 3], [5, 5])).toBeUndefined();
    expect(packParties([6], [5, 5])).toBeUndefined();
  });

  it("leaves no open places that can't be filled", () => {
    const fillable = fillablePlaces([2, 3], 5);
    expect([...fillable].sort()).toEqual([0, 2, 3, 4, 5]);
    expect(packParties([2, 2], [5, 5], (places) => fillable.has(places))).toEqual([0, 1]);
  });

  it("never overfills a team, and packs whatever was cut from full teams", () => {
    const cuts = fc.array(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(cuts, (teams) => {
        const size = Math.max(...teams.map((parties) => parties.reduce((sum, party) => sum + party, 0)));
        const sizes = teams.flat().sort((a, b) => b - a);
        const packing = packParties(
          sizes,
          teams.map(() => size),
        );
        expect(packing).toHaveLength(sizes.length);
        for (const team of teams.keys()) {
          const players = sizes.reduce((sum, party, index) => (packing?.[index] === team ? sum + party : sum), 0);
          expect(players).toBeLessThanOrEqual(size);
        }
      }),
    );
  });
});
