import fc from "fast-check";
import { expect, it } from "vitest";
import { repeatedPlayers } from "./repeated-players.ts";
import { ticketOf } from "./test-support.ts";

it("tells whoever is in more than one ticket, and nobody else, as a count of all does", () => {
  const anyIds = fc.array(fc.array(fc.string({ maxLength: 3 }), { minLength: 1, maxLength: 3 }), { maxLength: 60 });
  fc.assert(
    fc.property(anyIds, (lists) => {
      const waiting = lists.map((ids, index) => {
        const ticket = ticketOf(
          `t${index}`,
          ids.map(() => 1_000),
        );
        const players = ticket.players.map((player, place) => ({ ...player, id: ids[place] ?? "" }));
        return { ticket: { ...ticket, players }, served: true };
      });
      const all = lists.flat();
      const expected = all.filter((id, place) => all.indexOf(id) !== place);
      expect(repeatedPlayers(waiting)).toEqual(new Set(expected));
    }),
  );
});
