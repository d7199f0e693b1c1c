import fc from "fast-check";
import { expect, it } from "vitest";
import { PlayerTable } from "./player-table.ts";

it("tells whoever is in more than one ticket, and nobody else, as a count of all does", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 150 }), fc.nat(40), (ids, expected) => {
      const table = new PlayerTable(expected);
      for (const id of ids) table.add(id);
      expect(table.repeated).toEqual(new Set(ids.filter((id, place) => ids.indexOf(id) !== place)));
    }),
  );
});
