import type { WaitingTicket } from "@muster/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compatible } from "./compatible.ts";
import { accept, anySteps, anyTickets, queueOf, seekersOf, ticketOf } from "./test-support.ts";

const queue = queueOf({
  steps: [
    { fromTry: 0, eloSpread: 50, pingSpreadMs: 40 },
    { fromTry: 3, eloSpread: 200, pingSpreadMs: 100 },
  ],
});

const areCompatible = (one: WaitingTicket, other: WaitingTicket, of = queue): boolean => {
  const [a, b] = seekersOf(of, [one, other]);
  return a !== undefined && b !== undefined && compatible(a, b);
};

describe("two tickets", () => {
  it("accept each other up to the spread, inclusive", () => {
    expect(areCompatible(ticketOf("a", 1000), ticketOf("b", 1050))).toBe(true);
    expect(areCompatible(ticketOf("a", 1000), ticketOf("b", 1050.5))).toBe(false);
  });

  it("are bound by the narrower of their criteria, whichever has waited longer", () => {
    const patient = ticketOf("a", 1000, { tries: 3 });
    expect(areCompatible(patient, ticketOf("b", 1100))).toBe(false);
    expect(areCompatible(ticketOf("b", 1100), patient)).toBe(false);
    expect(areCompatible(patient, ticketOf("b", 1100, { tries: 3 }))).toBe(true);
  });

  it("compare pings, and let an unknown one pass", () => {
    const near = ticketOf("a", 1000, { pings: [20] });
    expect(areCompatible(near, ticketOf("b", 1000, { pings: [60] }))).toBe(true);
    expect(areCompatible(near, ticketOf("b", 1000, { pings: [61] }))).toBe(false);
    expect(areCompatible(near, ticketOf("b", 1000))).toBe(true);
    expect(areCompatible(ticketOf("a", 1000), ticketOf("b", 1000))).toBe(true);
  });

  it("compare every player of one with every player of the other, but not those of one party", () => {
    const party = ticketOf("a", [1000, 1000, 1000], { pings: [20, undefined, 90] });
    expect(areCompatible(party, ticketOf("b", 1000, { pings: [55] }))).toBe(true);
    expect(areCompatible(party, ticketOf("b", 1000, { pings: [40] }))).toBe(false);
  });

  it("are judged as the definition reads, and accepted still when they have waited longer", () => {
    const pairs = anyTickets({ maxParty: 3 }).filter((tickets) => tickets.length >= 2);
    fc.assert(
      fc.property(anySteps(), pairs, fc.nat(10), (steps, tickets, longer) => {
        const of = queueOf({ steps });
        const [one, other] = tickets;
        if (!one || !other) return;
        expect(areCompatible(one, other, of)).toBe(accept(of, one, other));
        if (areCompatible(one, other, of)) {
          expect(areCompatible({ ...one, tries: one.tries + longer }, other, of)).toBe(true);
        }
      }),
    );
  });
});
