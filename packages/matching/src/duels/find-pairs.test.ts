import type { Queue, WaitingTicket } from "@muster/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_EXAMINED } from "../nearest.ts";
import { accept, anyDuel, anyTickets, matched, queueOf, searchFor, ticketOf } from "../test-support.ts";
import { MAX_PASSED_OVER } from "./find-pairs.ts";

/** By a plain scan over all: the compatible ticket nearest by elo, then the oldest, then by id. */
const nearestByScan = (queue: Queue, to: WaitingTicket, others: readonly WaitingTicket[]): string | undefined => {
  let best: WaitingTicket | undefined;
  for (const other of others) {
    if (!accept(queue, to, other)) continue;
    const order = best
      ? Math.abs(other.elo - to.elo) - Math.abs(best.elo - to.elo) ||
        other.createdAt - best.createdAt ||
        (other.id < best.id ? -1 : 1)
      : -1;
    if (order < 0) best = other;
  }
  return best?.id;
};

describe("1 against 1", () => {
  const queue = queueOf({ steps: [{ fromTry: 0, eloSpread: 50, pingSpreadMs: 40 }] });

  it("gives a served ticket the compatible one nearest to its elo", () => {
    const candidates = [
      ticketOf("near-but-laggy", 1001, { pings: [200] }),
      ticketOf("near", 1010, { pings: [30] }),
      ticketOf("nearer", 995, { pings: [30] }),
    ];
    const { proposals } = searchFor(queue, [ticketOf("me", 1000, { pings: [20] })], candidates);
    expect(matched(proposals)).toEqual([["me", "nearer"]]);
  });

  it("takes the closest pairs first, also when an older ticket is passed over for them", () => {
    const serve = [ticketOf("old", 1040, { createdAt: 1 }), ticketOf("a", 1000, { createdAt: 2 })];
    const { proposals, unmatched } = searchFor(queue, serve, [ticketOf("b", 1003, { createdAt: 3 })]);
    expect(matched(proposals)).toEqual([["a", "b"]]);
    expect(unmatched.map(({ id }) => id)).toEqual(["old"]);
  });

  it("passes an older ticket over no more often than the bound allows, however many closer pairs come", () => {
    let old = ticketOf("old", 1040, { createdAt: 0 });
    for (let round = 0; ; round++) {
      const arrived = [1000, 1001, 1002, 1003].map((elo, index) =>
        ticketOf(`${round}-${index}`, elo, { createdAt: 1_000 * round + 1 }),
      );
      const { proposals, unmatched } = searchFor(queue, [...arrived, old]);
      if (round === MAX_PASSED_OVER) {
        // Its opponent leaves one of the others alone.
        expect(matched(proposals).find((ids) => ids.includes("old"))).toEqual([`${round}-3`, "old"]);
        expect(unmatched).toHaveLength(1);
        return;
      }
      expect(unmatched.map(({ id }) => id)).toEqual(["old"]);
      old = { ...old, tries: old.tries + 1 };
    }
  });

  it("exchanges opponents where that brings all closer together", () => {
    // The middle ones are the closest pair, which would leave the outer ones to each other.
    const tickets = [1000, 1010, 1019, 1029].map((elo) => ticketOf(`t${elo}`, elo));
    const { proposals } = searchFor(queue, tickets);
    expect(matched(proposals)).toEqual([
      ["t1000", "t1010"],
      ["t1019", "t1029"],
    ]);
    // Not for the price of a match among candidates only.
    const [first, ...others] = tickets;
    const served = searchFor(queue, first ? [first] : [], others).proposals;
    expect(matched(served)).toEqual([["t1000", "t1010"]]);
  });

  it("serves the older first when pairs are about as close, also when that leaves a younger one without", () => {
    const young = ticketOf("young", 1000, { createdAt: 2 });
    const old = ticketOf("old", 1020, { createdAt: 1 });
    const { proposals, unmatched } = searchFor(queue, [young, old], [ticketOf("other", 1010, { createdAt: 3 })]);
    expect(matched(proposals)).toEqual([["old", "other"]]);
    expect(unmatched.map(({ id }) => id)).toEqual(["young"]);
  });

  it("pairs no two candidates with each other", () => {
    const candidates = [ticketOf("a", 1000), ticketOf("b", 1000)];
    expect(searchFor(queue, [ticketOf("me", 2000)], candidates).proposals).toEqual([]);
  });

  it("gives a lone served ticket what a scan over all finds", () => {
    fc.assert(
      fc.property(anyDuel, anyTickets(), (queue, [me, ...others]) => {
        if (!me) return;
        const opponent = searchFor(queue, [me], others).proposals[0]?.tickets[1]?.id;
        expect(opponent).toBe(nearestByScan(queue, me, others));
      }),
      { numRuns: 500 },
    );
  });

  it("leaves no served ticket unmatched while a compatible one is free", () => {
    fc.assert(
      fc.property(anyDuel, anyTickets(), anyTickets(), (queue, serve, more) => {
        const candidates = more.map((ticket) => ticketOf(`c${ticket.id}`, ticket.elo, { tries: ticket.tries }));
        const { proposals, unmatched } = searchFor(queue, serve, candidates);
        const taken = new Set(matched(proposals).flat());
        const free = [...serve, ...candidates].filter(({ id }) => !taken.has(id));
        for (const ticket of unmatched) {
          expect(
            nearestByScan(
              queue,
              ticket,
              free.filter(({ id }) => id !== ticket.id),
            ),
          ).toBeUndefined();
        }
      }),
    );
  });

  it("looks at a bounded number of neighbours, and no further", () => {
    const me = ticketOf("me", 1000, { pings: [0] });
    const laggy = Array.from({ length: MAX_EXAMINED }, (_, index) => ticketOf(`t${index}`, 1000, { pings: [999] }));
    const good = ticketOf("z", 1001, { pings: [0] });
    expect(searchFor(queue, [me], [...laggy, good]).unmatched).toEqual([me]);
    expect(matched(searchFor(queue, [me], [...laggy.slice(1), good]).proposals)).toEqual([["me", "z"]]);
  });
});
