import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byAge } from "./by-age.ts";
import { take } from "./ladder.ts";
import { NearestFirst } from "./nearest.ts";
import type { Seeker } from "./seeker.ts";
import { anyDuel, anyTickets, queueOf, seekersOf, ticketOf } from "./test-support.ts";

const idsFrom = (from: Seeker | undefined, limit = 256): string[] => {
  if (!from) return [];
  const neighbours = new NearestFirst(from, limit);
  const ids: string[] = [];
  for (let next = neighbours.next(); next; next = neighbours.next()) ids.push(next.ticket.id);
  return ids;
};

describe("the neighbours of a seeker", () => {
  const tickets = [
    ticketOf("me", 1000, { createdAt: 5 }),
    ticketOf("above-older", 1010, { createdAt: 1 }),
    ticketOf("above", 1010, { createdAt: 3 }),
    ticketOf("below", 990, { createdAt: 2 }),
    ticketOf("same", 1000, { createdAt: 9 }),
    ticketOf("far", 1050, { createdAt: 0 }),
    ticketOf("too-far", 1051, { createdAt: 0 }),
  ];
  const queue = queueOf({ steps: [{ fromTry: 0, eloSpread: 50 }] });
  const me = (seekers: readonly Seeker[]) => seekers.find(({ ticket }) => ticket.id === "me");

  it("come nearest first, of equally near ones the oldest, up to its spread", () => {
    expect(idsFrom(me(seekersOf(queue, tickets)))).toEqual(["same", "above-older", "below", "above", "far"]);
  });

  it("are no more than were asked for", () => {
    expect(idsFrom(me(seekersOf(queue, tickets)), 2)).toEqual(["same", "above-older"]);
  });

  it("don't hold those who were taken, whatever was taken before", () => {
    fc.assert(
      fc.property(anyDuel, anyTickets(), fc.infiniteStream(fc.boolean()), (queue, tickets, isTaken) => {
        const seekers = seekersOf(queue, tickets);
        for (const seeker of seekers) if (isTaken.next().value) take(seeker);
        const free = seekers.filter((seeker) => seeker.free);
        for (const from of free) {
          const distanceTo = ({ elo }: Seeker) => Math.abs(elo - from.elo);
          const expected = free
            .filter((other) => other !== from && distanceTo(other) <= from.criteria.eloSpread)
            .sort((a, b) => distanceTo(a) - distanceTo(b) || byAge(a.ticket, b.ticket));
          expect(idsFrom(from)).toEqual(expected.map(({ ticket }) => ticket.id));
        }
      }),
    );
  });
});
