import type { Queue, WaitingTicket } from "@muster/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compatible } from "../compatible.ts";
import { gather } from "../gather.ts";
import { regionOf } from "../rules/terms.ts";
import { anyRuledQueue, anyRuledTickets } from "../rules/test-rules.ts";
import { anySteps, anyTickets, queueOf, seekersOf } from "../test-support.ts";
import { Columns } from "./columns.ts";
import { DuelLadder, NONE } from "./duel-ladder.ts";
import { kindsOf } from "./kinds.ts";

const columnsOf = (queue: Queue, tickets: readonly WaitingTicket[]): Columns => {
  const { fit: roster } = gather(queue, tickets, []);
  return new Columns(roster, kindsOf(queue, roster, 0));
};

describe("tickets in columns", () => {
  it("suit each other as they do one by one, by elo, pings, latency levels, rules and regions", () => {
    const withLevels = fc
      .tuple(anySteps(), fc.nat(2))
      .map(([steps, latencyLevelSpread]) =>
        queueOf({ steps: steps.map((step) => ({ ...step, latencyLevelSpread, pingSpreadMs: 1_000 })) }),
      );
    const farther = anyTickets({ maxLength: 12 }).map((tickets) =>
      tickets.map((ticket) => ({
        ...ticket,
        players: ticket.players.map(({ avgPingMs, ...player }) => ({
          ...player,
          ...(avgPingMs !== undefined && { avgPingMs: 5 * avgPingMs }),
        })),
      })),
    );
    const anyCase = fc.oneof(
      fc.tuple(withLevels, farther),
      fc.tuple(anyRuledQueue(1), anyRuledTickets({ maxLength: 12 })),
    );
    let [suited, refused] = [0, 0];
    fc.assert(
      fc.property(anyCase, ([queue, tickets]) => {
        const columns = columnsOf(queue, tickets);
        const oldestFirst = seekersOf(queue, tickets);
        const seekers = Array.from(columns.ages, (age) => oldestFirst[age]).filter((seeker) => seeker !== undefined);
        for (const [a, one] of seekers.entries()) {
          for (const [b, other] of seekers.entries()) {
            const suits = columns.suit(a, b);
            expect(suits).toBe(compatible(one, other));
            if (suits) suited++;
            else refused++;
          }
          expect(regionOf([{ terms: columns.termsOf(a) }])).toBe(regionOf([one]));
        }
      }),
      { numRuns: 200 },
    );
    expect(Math.min(suited, refused)).toBeGreaterThan(1_000);
  });

  it("find their nearest as a scan over all who are free does, whoever was taken before", () => {
    const queue = anySteps().map((steps) => queueOf({ steps }));
    fc.assert(
      fc.property(queue, anyTickets(), fc.infiniteStream(fc.boolean()), (queue, tickets, isTaken) => {
        const columns = columnsOf(queue, tickets);
        const ladder = new DuelLadder(columns);
        const places = Array.from(columns.places);
        for (const place of places) if (isTaken.next().value) ladder.take(place);
        for (const from of places.filter((place) => ladder.isFree(place))) {
          const distance = (place: number) => Math.abs((columns.elo[place] ?? 0) - (columns.elo[from] ?? 0));
          const age = (place: number) => columns.ages[place] ?? 0;
          const [nearest = NONE] = places
            .filter((place) => place !== from && ladder.isFree(place) && columns.suit(from, place))
            .sort((a, b) => distance(a) - distance(b) || age(a) - age(b));
          expect(ladder.nearestSuitable(from)).toBe(nearest);
        }
      }),
    );
  });
});
