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

  it("compare latency levels, each a hundred ms wide, and the last endless", () => {
    const levels = queueOf({
      steps: [
        { fromTry: 0, latencyLevelSpread: 0 },
        { fromTry: 2, latencyLevelSpread: 1 },
      ],
    });
    const meet = (one: number | undefined, other: number | undefined, tries = 0) =>
      areCompatible(
        ticketOf("a", 1000, { pings: [one], tries }),
        ticketOf("b", 1000, { pings: [other], tries }),
        levels,
      );
    expect([meet(0, 100), meet(101, 200), meet(201, 300), meet(301, 400), meet(401, 9_999)]).not.toContain(false);
    expect([meet(100, 101), meet(200, 201), meet(300, 301), meet(400, 401)]).not.toContain(true);
    expect([meet(100, 101, 2), meet(20, 200, 2), meet(400, 401, 2)]).not.toContain(false);
    expect([meet(100, 201, 2), meet(300, 401, 2)]).not.toContain(true);
    expect([meet(undefined, 500), meet(undefined, undefined)]).not.toContain(false);
    // The worst of a party counts, and the one who has waited less decides.
    const party = ticketOf("a", [1000, 1000], { pings: [20, 150], tries: 2 });
    expect(areCompatible(party, ticketOf("b", 1000, { pings: [90], tries: 2 }), levels)).toBe(true);
    expect(areCompatible(party, ticketOf("b", 1000, { pings: [90], tries: 1 }), levels)).toBe(false);
    expect(areCompatible(party, ticketOf("b", 1000, { pings: [230], tries: 2 }), levels)).toBe(false);
  });

  it("are judged by latency levels as the definition reads", () => {
    const anyLevels = fc
      .tuple(fc.nat(4), fc.nat(4))
      .map((spreads) =>
        spreads.sort((a, b) => a - b).map((latencyLevelSpread, index) => ({ fromTry: 5 * index, latencyLevelSpread })),
      );
    const pairs = anyTickets({ maxParty: 3 }).filter((tickets) => tickets.length >= 2);
    fc.assert(
      fc.property(anyLevels, pairs, (steps, tickets) => {
        const of = queueOf({ steps });
        const [one, other] = tickets.map((ticket) => ({
          ...ticket,
          players: ticket.players.map(({ avgPingMs, ...player }) => ({
            ...player,
            ...(avgPingMs !== undefined && { avgPingMs: 6 * avgPingMs }),
          })),
        }));
        if (one && other) expect(areCompatible(one, other, of)).toBe(accept(of, one, other));
      }),
    );
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
