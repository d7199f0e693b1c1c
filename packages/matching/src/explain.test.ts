import { Explanation, type Queue, type WaitingPlayer, type WaitingTicket } from "@muster/core";
import fc from "fast-check";
import { Compile } from "typebox/compile";
import { describe, expect, it } from "vitest";
import { compatible } from "./compatible.ts";
import { explain } from "./explain.ts";
import { anyRuledQueue, anyRuledTickets } from "./rules/test-rules.ts";
import { queueOf, seekersOf, ticketOf } from "./test-support.ts";

const queue = queueOf({
  steps: [
    { fromTry: 0, eloSpread: 50, maxLatencyMs: 60 },
    { fromTry: 3, eloSpread: 200, maxLatencyMs: 100 },
  ],
  rules: [
    { kind: "equal", attribute: "platform", missing: "refuse" },
    {
      kind: "distance",
      attribute: "level",
      steps: [
        { fromTry: 0, max: 1 },
        { fromTry: 2, max: 5 },
      ],
      missing: "accept",
      untilTry: 6,
    },
  ],
});

const waiting = (id: string, elo: number, given: Partial<WaitingPlayer & Pick<WaitingTicket, "tries">> = {}) => {
  const { tries = 0, ...player } = { attributes: { platform: "pc", level: 1 }, latencyMs: { eu: 30 }, ...given };
  const ticket = ticketOf(id, elo, { tries });
  return { ...ticket, players: ticket.players.map((each) => ({ ...each, ...player })) };
};

const why = (ticket: WaitingTicket, candidates: readonly WaitingTicket[], now = 0, of: Queue = queue) =>
  explain({ queue: of, ticket, candidates, now });

describe("an explanation", () => {
  const me = waiting("me", 1000, { tries: 1 });
  const crowd = [
    me,
    waiting("fine", 1010),
    waiting("far", 1300),
    waiting("far-console", 1300, { attributes: { platform: "console", level: 9 } }),
    waiting("laggy", 1000, { latencyMs: { eu: 85 } }),
    waiting("patient", 1150, { tries: 3 }),
  ];

  it("says what is accepted now and when that widens", () => {
    expect(why(me, [], 1_500)).toEqual({
      tries: 1,
      waitedMs: 1_500,
      expiresInMs: 58_500,
      criteria: {
        eloSpread: 50,
        maxLatencyMs: 60,
        rules: [{ rule: "equal(platform)" }, { rule: "distance(level)", max: 1 }],
      },
      candidates: 0,
      compatible: 0,
      refusedByOwn: 0,
      refusedByTheirs: 0,
      refusals: [],
      nearestMiss: null,
      nextWidening: {
        atTry: 2,
        inMs: 1_000,
        criteria: {
          eloSpread: 50,
          maxLatencyMs: 60,
          rules: [{ rule: "equal(platform)" }, { rule: "distance(level)", max: 5 }],
        },
        dropped: [],
      },
    });
    expect(why({ ...me, tries: 3 }, []).nextWidening).toEqual({
      atTry: 6,
      inMs: 3_000,
      criteria: { eloSpread: 200, maxLatencyMs: 100, rules: [{ rule: "equal(platform)" }] },
      dropped: ["distance(level)"],
    });
    expect(why({ ...me, tries: 6 }, []).nextWidening).toBeNull();
  });

  it("counts whom each rule refuses, first and overall, and who refuses", () => {
    expect(why(me, crowd)).toMatchObject({
      candidates: 5,
      compatible: 1,
      refusedByOwn: 4,
      refusedByTheirs: 3,
      refusals: [
        { rule: "eloSpread", first: 3, all: 3, byOwn: 3, byTheirs: 2 },
        { rule: "equal(platform)", first: 0, all: 1, byOwn: 1, byTheirs: 1 },
        { rule: "distance(level)", first: 0, all: 1, byOwn: 1, byTheirs: 1 },
        { rule: "region", first: 1, all: 1, byOwn: 1, byTheirs: 1 },
      ],
    });
  });

  it("names the nearest miss: who is accepted soonest, how far off it is, and when", () => {
    // `patient` waits for my third try only; `laggy` for its own, which is a try later.
    expect(why(me, crowd).nearestMiss).toEqual({
      ticket: "patient",
      refusals: [{ rule: "eloSpread", own: true, theirs: false, by: 100 }],
      passes: { atTry: 3, inMs: 2_000 },
    });
    expect(why(me, [waiting("laggy", 1000, { latencyMs: { eu: 85 } })]).nearestMiss).toEqual({
      ticket: "laggy",
      refusals: [{ rule: "region", own: true, theirs: true, by: 25 }],
      passes: { atTry: 4, inMs: 3_000 },
    });
  });

  it("says when a miss never passes, or not in time", () => {
    const level = waiting("level", 1000, { attributes: { platform: "pc", level: 30 } });
    const refusals = [{ rule: "distance(level)", own: true, theirs: true, by: 28 }];
    expect(why(me, [level], 50_000).nearestMiss).toEqual({
      ticket: "level",
      refusals,
      passes: { atTry: 7, inMs: 6_000 },
    });
    expect(why(me, [level], 54_000).nearestMiss).toEqual({ ticket: "level", refusals, passes: null });
    const other = waiting("other", 1000, { attributes: { platform: "console" } });
    expect(why(me, [other]).nearestMiss).toEqual({
      ticket: "other",
      refusals: [{ rule: "equal(platform)", own: true, theirs: true }],
      passes: null,
    });
  });

  it("of misses that never pass takes the one that fewest rules refuse, then the nearest by elo", () => {
    const console = { attributes: { platform: "console" } };
    const never = [waiting("far", 1900, console), waiting("b", 1012, console), waiting("a", 1011, console)];
    expect(why(me, never).nearestMiss?.ticket).toBe("a");
    expect(why(me, never.slice(0, 2)).nearestMiss?.ticket).toBe("b");
  });

  it("tells which of two refuses a region", () => {
    const patient = waiting("patient", 1000, { tries: 3, latencyMs: { eu: 90 } });
    const refusals = [{ rule: "region", own: true, theirs: false, by: 30 }];
    expect(why(me, [patient]).nearestMiss?.refusals).toEqual(refusals);
    expect(why(patient, [me]).nearestMiss?.refusals).toEqual([{ ...refusals[0], own: false, theirs: true }]);
    expect(why(me, [waiting("us", 1000, { latencyMs: { us: 5 } })]).nearestMiss).toEqual({
      ticket: "us",
      refusals: [{ rule: "region", own: true, theirs: true }],
      passes: null,
    });
  });
});

const explanation = Compile(Explanation);

it("explains what matching does", () => {
  fc.assert(
    fc.property(anyRuledQueue(3), anyRuledTickets({ maxParty: 3 }), (queue, [ticket, ...candidates]) => {
      if (!ticket) return;
      const accepts = (other: WaitingTicket, more = 0): boolean => {
        const both = [ticket, other].map((each) => ({ ...each, tries: each.tries + more }));
        const [a, b] = seekersOf(queue, both);
        return a !== undefined && b !== undefined && compatible(a, b);
      };
      const said = why(ticket, candidates, 0, queue);
      expect(explanation.Errors(said)).toEqual([]);
      expect(said.compatible).toBe(candidates.filter((each) => accepts(each)).length);
      expect(said.refusals.reduce((sum, { first }) => sum + first, 0)).toBe(said.candidates - said.compatible);
      for (const { all, byOwn, byTheirs } of said.refusals) expect(byOwn + byTheirs).toBeGreaterThanOrEqual(all);
      const refused = candidates.filter((each) => !accepts(each));
      const soonest = Array.from({ length: 12 }, (_, more) => more).find((more) =>
        refused.some((each) => accepts(each, more)),
      );
      const { passes = null } = said.nearestMiss ?? {};
      expect(passes?.atTry).toBe(soonest === undefined ? undefined : ticket.tries + soonest);
      expect(said).toEqual(why(ticket, candidates.toReversed(), 0, queue));
    }),
    { numRuns: 500 },
  );
});
