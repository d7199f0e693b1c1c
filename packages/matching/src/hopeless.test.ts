import { PREMADE_LEVELS, type Queue, type WaitingTicket } from "@muster/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { searchClosely } from "./find-matches.ts";
import { areHopeless } from "./hopeless.ts";
import { anyDuel, anyTeamQueue, anyTickets, countingIds, queueOf, searchFor, ticketOf } from "./test-support.ts";

/** Team queues that widen from like parties to any, some of them with places that may stay open. */
const anyPickyTeams: fc.Arbitrary<Queue> = fc
  .tuple(anyTeamQueue, fc.infiniteStream(fc.nat(1)), fc.boolean())
  .map(([{ teams, steps, maxPartySize }, more, mayStayOpen]) => {
    let level = 0;
    const picky = steps.map((step) => {
      level = Math.min(PREMADE_LEVELS.length - 1, level + (more.next().value ?? 0));
      return { ...step, premade: PREMADE_LEVELS[level] ?? "any", ...(mayStayOpen && { openPlaces: level }) };
    });
    const { count, size } = teams as { count: number; size: number };
    return queueOf({ steps: picky, teams: { count, size, ...(mayStayOpen && { min: 1 }) }, maxPartySize });
  });

interface Input {
  queue: Queue;
  serve: WaitingTicket[];
  candidates: WaitingTicket[];
}

/** A few tickets to serve, among few enough others that about half of them are without hope. */
const anyFew: fc.Arbitrary<Input> = fc
  .oneof(
    fc.tuple(anyDuel, anyTickets({ maxLength: 10 })),
    fc.tuple(fc.oneof(anyTeamQueue, anyPickyTeams), anyTickets({ maxParty: 3, maxLength: 20 })),
  )
  .chain(([queue, tickets]) =>
    fc
      .tuple(fc.subarray(tickets, { maxLength: Math.min(tickets.length, 3) }), fc.shuffledSubarray(tickets), fc.nat(9))
      .map(([serve, candidates, changed]) => ({
        queue,
        serve,
        candidates: candidates.map((ticket, index) =>
          index === changed ? { ...ticket, version: ticket.version + 1, tries: ticket.tries + 5 } : ticket,
        ),
      })),
  );

const closely = ({ queue, serve, candidates }: Input) =>
  searchClosely({ queue, serve, candidates, now: 0, ids: countingIds() });

describe("a glance at who is without hope", () => {
  it("gives the result of a close search", () => {
    const seen = { hopeless: 0, all: 0 };
    fc.assert(
      fc.property(anyFew, (input) => {
        seen.all++;
        if (areHopeless(input.queue, input.serve, input.candidates, 0)) seen.hopeless++;
        expect(searchFor(input.queue, input.serve, input.candidates)).toEqual(closely(input));
      }),
      { numRuns: 2_000 },
    );
    // Or this would show nothing.
    expect(seen.hopeless).toBeGreaterThan(seen.all / 10);
    expect(seen.hopeless).toBeLessThan((seen.all * 9) / 10);
  });

  it("sees that too few are within reach, by the spread of either", () => {
    const queue = queueOf({
      steps: [
        { fromTry: 0, eloSpread: 10 },
        { fromTry: 5, eloSpread: 100 },
      ],
    });
    const glance = (own: WaitingTicket, other: WaitingTicket) => areHopeless(queue, [own], [own, other], 0);
    expect(glance(ticketOf("a", 1_000), ticketOf("b", 1_010))).toBe(false);
    expect(glance(ticketOf("a", 1_000), ticketOf("b", 1_011))).toBe(true);
    expect(glance(ticketOf("a", 1_000, { tries: 5 }), ticketOf("b", 1_050))).toBe(true);
    expect(glance(ticketOf("a", 1_000, { tries: 5 }), ticketOf("b", 1_050, { tries: 5 }))).toBe(false);
  });

  it("sees that the sizes around don't make up like teams", () => {
    const steps: Queue["steps"] = [
      { fromTry: 0, premade: "like" },
      { fromTry: 5, premade: "any" },
    ];
    const queue = queueOf({ steps, teams: { count: 2, size: 2 }, maxPartySize: 2 });
    const pair = (id: string, tries = 0) => ticketOf(id, [1_000, 1_000], { tries });
    const solos = (tries = 0) => ["s1", "s2"].map((id) => ticketOf(id, 1_000, { tries }));
    expect(areHopeless(queue, [pair("a")], solos(5), 0)).toBe(true);
    expect(areHopeless(queue, [pair("a")], [pair("b"), ...solos(5)], 0)).toBe(false);
    expect(areHopeless(queue, [pair("a", 5)], solos(4), 0)).toBe(true);
    expect(areHopeless(queue, [pair("a", 5)], solos(5), 0)).toBe(false);
  });

  it("sees that those around suit it, but not each other", () => {
    const queue = queueOf({ steps: [{ fromTry: 0, eloSpread: 100 }], teams: { count: 2, size: 2 } });
    const glance = (...elos: number[]) =>
      areHopeless(
        queue,
        [ticketOf("own", 1_000)],
        elos.map((elo, index) => ticketOf(`t${index}`, elo)),
        0,
      );
    expect(glance(910, 915, 1_090)).toBe(true);
    expect(glance(910, 915, 1_010)).toBe(false);
    // With one more on either side both halves are still too few.
    expect(glance(910, 915, 1_090, 1_095)).toBe(true);
    expect(glance(910, 915, 1_090, 1_095, 1_005)).toBe(false);
  });

  it("sees that somebody around suits enough others, but not of the sizes that it would have to meet", () => {
    const steps: Queue["steps"] = [{ fromTry: 0, eloSpread: 100, premade: "like" }];
    const queue = queueOf({ steps, teams: { count: 2, size: 2 }, maxPartySize: 2 });
    const pairs = ["p1", "p2"].map((id) => ticketOf(id, [1_000, 1_000]));
    const solos = (...elos: number[]) => elos.map((elo, index) => ticketOf(`s${index}`, elo));
    expect(areHopeless(queue, [ticketOf("own", 1_000)], [...pairs, ...solos(940, 1_050, 1_060)], 0)).toBe(true);
    expect(areHopeless(queue, [ticketOf("own", 1_000)], [...pairs, ...solos(960, 1_050, 1_060)], 0)).toBe(false);
  });

  it("leaves it to a close search when any ticket has hope, when they are many, and when a newer copy is there", () => {
    const queue = queueOf({ steps: [{ fromTry: 0, eloSpread: 10 }] });
    const alone = (index: number) => ticketOf(`alone${index}`, 1_000 * (index + 1));
    const far = Array.from({ length: 8 }, (_, index) => alone(index));
    expect(areHopeless(queue, far, [], 0)).toBe(true);
    expect(areHopeless(queue, [...far.slice(1), ticketOf("near", 2_001)], [], 0)).toBe(false);
    expect(areHopeless(queue, [...far, alone(8)], [], 0)).toBe(false);
    expect(areHopeless(queue, [alone(0)], [{ ...alone(0), version: 2 }], 0)).toBe(false);
    expect(areHopeless(queue, [alone(0)], [{ ...alone(0), version: 0 }], 0)).toBe(true);
  });

  it("bears broken tickets", () => {
    const queue = queueOf();
    const broken = [
      ticketOf("none", []),
      ticketOf("nan", Number.NaN),
      ticketOf("tries", 1_000, { tries: Number.NaN }),
      ticketOf("time", 1_000, { createdAt: Number.NaN }),
    ];
    for (const ticket of broken) {
      expect(areHopeless(queue, [ticketOf("a", 1_000)], [ticket], 0)).toBe(true);
      expect(areHopeless(queue, [ticket], [ticketOf("a", 1_000)], 0)).toBe(true);
    }
  });
});
