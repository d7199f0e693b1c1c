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
      players: { own: 1, compatible: 0, needed: 2 },
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

describe("an explanation of a party", () => {
  const teams = queueOf({
    teams: [
      { name: "red", size: 3, minSize: 2, roles: { tank: 1, dps: 2 } },
      { name: "blue", size: 3, minSize: 2, roles: { tank: 1, dps: 2 } },
    ],
    maxPartySize: 3,
    steps: [
      { fromTry: 0, eloSpread: 100, latencyLevelSpread: 1, premade: "like", openPlaces: 0 },
      { fromTry: 3, eloSpread: 100, openPlaces: 1, autofill: true },
    ],
    rules: [{ kind: "teamSum", attribute: "level", min: 3, maxGap: 2, missing: "accept", untilTry: 3 }],
  });
  const party = ticketOf("me", [1_000, 1_010], { pings: [50, 90], teams: ["red"] });
  const me = {
    ...party,
    players: party.players.map((player, index) => (index === 0 ? { ...player, roles: ["tank"] } : player)),
  };

  it("says what it asks of teams, and how many players and parties there are for them", () => {
    const candidates = [
      ticketOf("solo", 1_000),
      ticketOf("far", 1_200),
      ticketOf("duo", [1_000, 1_000]),
      ticketOf("trio", [1_500, 1_500, 1_500]),
    ];
    expect(why(me, candidates, 0, teams)).toMatchObject({
      criteria: {
        ...{ premade: "like", openPlaces: 0, teams: ["red"], roles: { "me-0": ["tank"] } },
        rules: [{ rule: "teamSum(level)", min: 3, maxGap: 2 }],
      },
      players: { own: 2, compatible: 3, needed: 6 },
      partySizes: [
        { size: 1, candidates: 2, compatible: 1 },
        { size: 2, candidates: 1, compatible: 1 },
        { size: 3, candidates: 1, compatible: 0 },
      ],
      nextWidening: {
        criteria: { openPlaces: 1, autofill: true, teams: ["red"], rules: [] },
        dropped: ["teamSum(level)"],
      },
    });
    expect(why({ ...me, tries: 3 }, candidates, 0, teams).players.needed).toBe(4);
  });

  it("names latency levels that are too far apart, and by how many", () => {
    const slow = ticketOf("slow", 1_000, { pings: [310] });
    expect(why(me, [slow], 0, teams).refusals).toEqual([
      {
        rule: "latencyLevelSpread",
        first: 1,
        all: 1,
        byOwn: 1,
        byTheirs: 1,
        later: [{ atTry: 3, inMs: 3_000, all: 0 }],
      },
    ]);
    expect(why(me, [slow], 0, teams).nearestMiss?.refusals).toEqual([
      { rule: "latencyLevelSpread", own: true, theirs: true, by: 2 },
    ]);
  });
});

describe("an explanation of a team match", () => {
  const fives = queueOf({
    teams: { count: 2, size: 2 },
    maxPartySize: 2,
    steps: [
      { fromTry: 0, eloSpread: 100, teamGap: 10, premade: "like" },
      { fromTry: 4, eloSpread: 100, premade: "any" },
    ],
  });
  const solo = (id: string, elo = 1_000) => ticketOf(id, elo);
  const duo = (id: string, elo = 1_000) => ticketOf(id, [elo, elo]);
  const blocked = (of: Queue, ...candidates: WaitingTicket[]) => why(solo("me"), candidates, 0, of).teams;

  it("says that one is found, or how many players accept one another", () => {
    expect(blocked(fives, solo("a"), solo("b"), solo("c"))).toEqual({ found: true, players: 4, blockedBy: [] });
    expect(blocked(fives, solo("a"))).toEqual({ found: false, players: 2, blockedBy: [] });
    expect(blocked(fives, solo("a", 950), solo("b", 1_060), solo("c", 1_060))).toMatchObject({ players: 3 });
  });

  it("says which rule about teams alone keeps it from being made", () => {
    expect(blocked(fives, solo("a"), duo("b"))).toEqual({ found: false, players: 4, blockedBy: ["premade"] });
    expect(blocked(fives, solo("a"), solo("b"), solo("c", 1_080))?.blockedBy).toEqual(["teamGap"]);
    // Its players apart could be in two teams.
    expect(blocked(fives, solo("a"), duo("b", 1_080))?.blockedBy).toEqual(["partySizes"]);
    const anyTeams = { steps: [{ fromTry: 0 }] };
    const pairs = queueOf({ teams: { count: 2, size: 2 }, maxPartySize: 2, ...anyTeams });
    expect(why(duo("me"), [solo("a"), ticketOf("b", [1, 1, 1])], 0, pairs).teams?.blockedBy).toEqual(["partySizes"]);
    const threes = queueOf({ teams: { count: 2, size: 3 }, maxPartySize: 2, ...anyTeams });
    expect(why(duo("me"), [duo("a"), duo("b")], 0, threes).teams?.blockedBy).toEqual(["partySizes"]);
  });

  it("says so of roles, names and sums", () => {
    const wants = (ticket: WaitingTicket, given: Partial<WaitingPlayer>) => ({
      ...ticket,
      players: ticket.players.map((player) => ({ ...player, ...given })),
    });
    const two = queueOf({ teams: { count: 2, size: 2, roles: { tank: 1, healer: 1 } } });
    const tanks = ["a", "b", "c"].map((id) => wants(solo(id), { roles: ["tank"] }));
    expect(blocked(two, ...tanks)?.blockedBy).toEqual(["roles"]);
    const named = queueOf({ teams: ["red", "blue"].map((name) => ({ name, size: 1 })) });
    const red = (id: string) => ({ ...solo(id), teams: ["red"] });
    expect(why(red("me"), [red("a")], 0, named).teams?.blockedBy).toEqual(["teamNames"]);
    const sums = queueOf({
      teams: { count: 2, size: 2 },
      rules: [{ kind: "teamSum", attribute: "power", max: 4, missing: "accept" }],
    });
    const strong = ["a", "b", "c"].map((id) => wants(solo(id), { attributes: { power: 4 } }));
    expect(blocked(sums, ...strong)?.blockedBy).toEqual(["teamSum(power)"]);
  });

  it("says which matches that look for players it could join, and what keeps it out of the others", () => {
    const pool = queueOf({
      ...{ teams: { count: 1, size: 4, minSize: 2 }, maxPartySize: 2, backfill: true },
      steps: [{ fromTry: 0, eloSpread: 50 }, { fromTry: 3 }],
    });
    const open = (id: string, places: number, ...tickets: WaitingTicket[]) => ({
      ...{ id, version: 1, openedAt: 0 },
      teams: [{ name: "1", open: places, tickets }],
    });
    const matches = [open("m1", 2, solo("a")), open("m2", 1, solo("b")), open("m3", 2, solo("c", 1_400))];
    const of = (now: number) => explain({ ...{ queue: pool, ticket: duo("me"), candidates: [] }, open: matches, now });
    expect(of(0).openMatches).toEqual({
      ...{ seen: 3, accepting: 1 },
      refusals: [
        { rule: "eloSpread", all: 1 },
        { rule: "places", all: 1 },
      ],
    });
    expect(why(duo("me"), [], 0, pool).openMatches).toBeUndefined();
    const patient = { ...duo("me"), tries: 3 };
    const after = explain({ ...{ queue: pool, ticket: patient, candidates: [] }, open: matches, now: 3_000 });
    expect(after.openMatches).toMatchObject({ accepting: 2, refusals: [{ rule: "places", all: 1 }] });
  });
});

it("says whom each rule still refuses after each widening to come", () => {
  const [me, far, farther] = [waiting("me", 1_000), waiting("far", 1_100), waiting("farther", 1_300)];
  const [elo] = why(me, [far, farther]).refusals;
  expect(elo).toMatchObject({
    ...{ rule: "eloSpread", all: 2 },
    later: [
      { atTry: 2, inMs: 2_000, all: 2 },
      { atTry: 3, inMs: 3_000, all: 1 },
      { atTry: 6, inMs: 6_000, all: 1 },
    ],
  });
});

it("widens with the time waited where the queue does", () => {
  const byTime = queueOf({
    steps: [
      { afterMs: 0, eloSpread: 50 },
      { afterMs: 7_500, eloSpread: 200 },
    ],
  });
  const [me, other] = [ticketOf("me", 1_000), ticketOf("other", 1_100, { createdAt: 1_500 })];
  expect(why(me, [other], 6_000, byTime)).toMatchObject({
    criteria: { eloSpread: 50 },
    nearestMiss: { ticket: "other", passes: { atTry: 9, inMs: 3_000 } },
    nextWidening: { atTry: 7.5, inMs: 1_500, criteria: { eloSpread: 200 } },
  });
  expect(why(me, [other], 9_000, byTime).compatible).toBe(1);
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
      for (const { all, byOwn, byTheirs, later } of said.refusals) {
        expect(byOwn + byTheirs).toBeGreaterThanOrEqual(all);
        const counts = [all, ...later.map((each) => each.all)];
        expect(counts).toEqual(counts.toSorted((a, b) => b - a));
      }
      const refused = candidates.filter((each) => !accepts(each));
      const soonest = Array.from({ length: 12 }, (_, more) => more).find((more) =>
        refused.some((each) => accepts(each, more)),
      );
      const { passes = null } = said.nearestMiss ?? {};
      expect(passes?.atTry).toBe(soonest === undefined ? undefined : ticket.tries + soonest);
      expect(said).toEqual(why(ticket, candidates.toReversed(), 0, queue));
    }),
    { numRuns: 120 },
  );
}, 30_000);
