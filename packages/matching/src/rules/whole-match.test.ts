import type { Queue, WaitingTicket } from "@muster/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compatible } from "../compatible.ts";
import { searchFor, seekersOf } from "../test-support.ts";
import { regionOf } from "./terms.ts";
import { anyRuledQueue, anyRuledTickets, regionByScan, rulesHold } from "./test-rules.ts";

const seekersFor = (queue: Queue, tickets: readonly WaitingTicket[]) => {
  const [one, other] = seekersOf(queue, tickets);
  if (!one || !other) throw new Error("two tickets make two seekers");
  return [one, other] as const;
};

const anyPair = anyRuledTickets({ maxParty: 3, maxLength: 2 });

describe("two tickets with rules and regions", () => {
  it("are judged and placed as the definition reads", () => {
    fc.assert(
      fc.property(anyRuledQueue(3), anyPair, (queue, tickets) => {
        const [one, other] = seekersFor(queue, tickets);
        const region = regionByScan(queue, tickets);
        expect(compatible(one, other)).toBe(rulesHold(queue, tickets) && region !== "refused");
        expect(compatible(other, one)).toBe(compatible(one, other));
        if (compatible(one, other)) {
          expect(regionOf([one, other])).toBe(region);
          expect(regionOf([other, one])).toBe(region);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it("are never refused after more tries when they were accepted before", () => {
    fc.assert(
      fc.property(anyRuledQueue(3), anyPair, fc.nat(10), (queue, [one, other], longer) => {
        if (!one || !other || !compatible(...seekersFor(queue, [one, other]))) return;
        expect(compatible(...seekersFor(queue, [{ ...one, tries: one.tries + longer }, other]))).toBe(true);
        expect(compatible(...seekersFor(queue, [one, { ...other, tries: other.tries + longer }]))).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });
});

const shapes = [
  { name: "1 against 1", queue: anyRuledQueue(1), tickets: anyRuledTickets() },
  { name: "2 against 2", queue: anyRuledQueue(2), tickets: anyRuledTickets({ maxParty: 2 }) },
  { name: "3 against 3", queue: anyRuledQueue(3), tickets: anyRuledTickets({ maxParty: 3, maxLength: 40 }) },
  { name: "four alone", queue: anyRuledQueue(1, 4), tickets: anyRuledTickets() },
];

describe.each(shapes)("$name", ({ queue: anyQueue, tickets: anyTickets }) => {
  it("holds the rules and limits of all its tickets, in the region that is best for all", () => {
    let matches = 0;
    fc.assert(
      fc.property(anyQueue, anyTickets, (queue, given) => {
        for (const proposal of searchFor(queue, given).proposals) {
          const tickets = given.filter(({ id }) => proposal.tickets.some((ticket) => ticket.id === id));
          expect(rulesHold(queue, tickets)).toBe(true);
          expect(regionByScan(queue, tickets)).toBe(proposal.region);
          matches++;
        }
      }),
      { numRuns: 300 },
    );
    expect(matches).toBeGreaterThan(100);
  });

  it("is found alike whatever the order", () => {
    fc.assert(
      fc.property(anyQueue, anyTickets, (queue, tickets) => {
        expect(searchFor(queue, tickets.toReversed())).toEqual(searchFor(queue, tickets));
      }),
    );
  });
});
