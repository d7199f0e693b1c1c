import { teamsOf, type WaitingTicket } from "@muster/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accept, matched, queueOf, searchFor, ticketOf } from "../test-support.ts";
import { anyTeamQueueWithRules, anyTeamTickets, teamFaults } from "./test-teams.ts";

const party = (id: string, size: number, elo = 1_000, given: Partial<WaitingTicket> = {}) =>
  ticketOf(id, new Array<number>(size).fill(elo), given);
const solos = (name: string, count: number, elo = 1_000, given: Partial<WaitingTicket> = {}) =>
  Array.from({ length: count }, (_, index) => party(`${name}${index}`, 1, elo, given));
const sizesOf = (proposal: ReturnType<typeof searchFor>["proposals"][number] | undefined): number[][] =>
  (proposal?.teams ?? []).map(({ tickets }) =>
    tickets.map((place) => proposal?.tickets[place]?.players.length ?? 0).sort((a, b) => b - a),
  );

describe("every team match", () => {
  it("keeps to teams, parties, roles, names, open places and sums, as each of its tickets accepts them", () => {
    let matches = 0;
    fc.assert(
      fc.property(anyTeamQueueWithRules, anyTeamTickets(), fc.nat(100_000), (queue, tickets, now) => {
        for (const proposal of searchFor(queue, tickets, [], { now }).proposals) {
          const members = tickets.filter(({ id }) => proposal.tickets.some((ticket) => ticket.id === id));
          expect(teamFaults(queue, teamsOf(proposal), members)).toEqual([]);
          for (const one of members) {
            for (const other of members) if (one !== other) expect(accept(queue, one, other)).toBe(true);
          }
          expect(proposal.quality).toBeGreaterThanOrEqual(0);
          expect(proposal.quality).toBeLessThanOrEqual(1);
          matches++;
        }
      }),
      { numRuns: 600 },
    );
    // The generator must not drift into queues where nobody ever meets.
    expect(matches).toBeGreaterThan(300);
  }, 30_000);

  it("is the same for the same tickets in any order", () => {
    fc.assert(
      fc.property(anyTeamQueueWithRules, anyTeamTickets(), (queue, tickets) => {
        expect(searchFor(queue, tickets.toReversed())).toEqual(searchFor(queue, tickets));
      }),
    );
  });
});

describe("parties", () => {
  const fives = queueOf({
    teams: { count: 2, size: 5 },
    maxPartySize: 5,
    premadeHandicapElo: 100,
    steps: [
      { fromTry: 0, eloSpread: 500, premade: "like" },
      { fromTry: 2, eloSpread: 500, premade: "near" },
      { fromTry: 4, eloSpread: 500, premade: "mixed" },
      { fromTry: 6, eloSpread: 500, premade: "any" },
    ],
  });

  it.each([
    ["5 against 5", [5, 5], [[5], [5]]],
    [
      "3 + 2 against 3 + 2",
      [3, 2, 3, 2],
      [
        [3, 2],
        [3, 2],
      ],
    ],
    [
      "a pair on each side",
      [2, 2, 1, 1, 1, 1, 1, 1],
      [
        [2, 1, 1, 1],
        [2, 1, 1, 1],
      ],
    ],
  ])("of like size meet at once: %s", (_, sizes, teams) => {
    const tickets = sizes.map((size, index) => party(`t${index}`, size));
    expect(sizesOf(searchFor(fives, tickets).proposals[0])).toEqual(teams);
  });

  it.each([
    ["a five and four and one, which are near", [5, 4, 1], 2],
    ["a pair and eight solo players, which are near", [2, 1, 1, 1, 1, 1, 1, 1, 1], 2],
    ["a five and three and two, which are not", [5, 3, 2], 4],
    ["a five and solo players, last of all", [5, 1, 1, 1, 1, 1], 6],
  ])("that are unlike wait: %s", (_, sizes, atTry) => {
    const after = (tries: number) =>
      searchFor(
        fives,
        sizes.map((size, index) => party(`t${index}`, size, 1_000, { tries })),
      ).proposals.length;
    expect([after(atTry - 1), after(atTry)]).toEqual([0, 1]);
  });

  it("that are unlike meet only when all of the match have waited for it", () => {
    const waited = [party("four", 4, 1_000, { tries: 9 }), party("one", 1, 1_000, { tries: 9 })];
    expect(searchFor(fives, [...waited, party("five", 5)]).proposals).toEqual([]);
  });

  it("of like size are preferred when unlike ones are as near", () => {
    const tries = { tries: 9 };
    const tickets = [party("a", 5, 1_000, tries), ...solos("s", 5, 1_000, tries), party("b", 5, 1_010, tries)];
    expect(matched(searchFor(fives, tickets).proposals)[0]).toEqual(["a", "b"]);
  });

  it("that fill a team count as stronger against solo players, by the queue's handicap", () => {
    const tries = { tries: 9 };
    const qualityAgainst = (elo: number) =>
      searchFor(fives, [party("full", 5, 1_000, tries), ...solos("s", 5, elo, tries)]).proposals[0]?.quality ?? 0;
    // Against 1,000 they lead by the handicap of 100; against 1,070 by 30, which outweighs that elos differ.
    expect(qualityAgainst(1_070)).toBeGreaterThan(qualityAgainst(930));
  });
});

describe("teams that are to be even", () => {
  const pairs = queueOf({
    teams: { count: 2, size: 2 },
    maxPartySize: 2,
    steps: [
      { fromTry: 0, teamGap: 1 },
      { fromTry: 2, teamGap: 60 },
    ],
  });
  const duo = (tries: number) => party("duo", 2, 1_100, { tries });

  it("are as even as every ticket of the match asks, before and after it has widened", () => {
    const after = (tries: number, last = tries) =>
      searchFor(pairs, [duo(tries), ...solos("s", 1, 1_050, { tries }), ...solos("l", 1, 1_050, { tries: last })])
        .proposals;
    expect([after(1), after(2, 1)]).toEqual([[], []]);
    expect(after(2)).toMatchObject([{ eloGap: 50 }]);
    const even = [party("duo", 2, 1_050.5), ...solos("s", 2, 1_050)];
    expect(searchFor(pairs, even).proposals).toMatchObject([{ eloGap: 0.5 }]);
  });

  it("aren't given up for more even ones that somebody who would come in refuses", () => {
    const found = [duo(2), ...solos("s", 2, 1_050, { tries: 2 })];
    // In the place of one of them it would leave a gap of 2.5: better, but more than it accepts.
    const picky = party("picky", 1, 1_155);
    expect(matched(searchFor(pairs, found, [picky]).proposals)).toEqual([["duo", "s0", "s1"]]);
    const easy = { ...picky, tries: 2 };
    expect(matched(searchFor(pairs, found, [easy]).proposals)[0]).toContain("picky");
  });

  it("are made of others when the nearest aren't even", () => {
    const even = party("even", 1, 1_150);
    expect(matched(searchFor(pairs, [duo(0), ...solos("s", 2, 1_050)], [even]).proposals)).toEqual([
      ["duo", "even", "s0"],
    ]);
  });
});

describe("named and unequal teams", () => {
  const hunt = queueOf({
    teams: [
      { name: "hunter", size: 1 },
      { name: "prey", size: 4, minSize: 3 },
    ],
    maxPartySize: 4,
    steps: [{ fromTry: 0, openPlaces: 0 }, { fromTry: 3 }],
  });

  it("are filled by those who may be in them", () => {
    const hunters = solos("h", 3, 1_000, { teams: ["hunter"] });
    const prey = [party("duo", 2, 1_000, { teams: ["prey"] }), ...solos("p", 2, 1_020, { teams: ["prey"] })];
    const [proposal] = searchFor(hunt, [...hunters, ...prey]).proposals;
    const teams = proposal ? teamsOf(proposal) : [];
    expect(teams.map(({ name, players }) => [name, players.length])).toEqual([
      ["hunter", 1],
      ["prey", 4],
    ]);
    expect(teams[0]?.players[0]?.ticket).toMatch(/^h/);
  });

  it("find nobody while all want the same one", () => {
    expect(searchFor(hunt, solos("h", 9, 1_000, { teams: ["hunter"] })).proposals).toEqual([]);
  });

  it("compare by means, not by sums", () => {
    const [proposal] = searchFor(hunt, [
      party("four", 4, 1_000, { teams: ["prey"] }),
      party("one", 1, 1_010),
    ]).proposals;
    expect(proposal?.eloGap).toBe(10);
  });

  it("begin with fewer when all have waited for it", () => {
    const four = (tries: number) => [party("three", 3, 1_000, { tries }), party("one", 1, 1_000, { tries })];
    expect(searchFor(hunt, four(2)).proposals).toEqual([]);
    expect(searchFor(hunt, four(3)).proposals).toHaveLength(1);
  });

  it("take as many as they find, not as few as they may", () => {
    const tickets = solos("t", 5, 1_000, { tries: 9 });
    expect(searchFor(hunt, tickets).proposals[0]?.tickets).toHaveLength(5);
  });
});

describe("roles", () => {
  const trio = queueOf({
    teams: { count: 2, size: 3, roles: { tank: 1, healer: 1, dps: 1 } },
    maxPartySize: 3,
    steps: [{ fromTry: 0 }, { fromTry: 5, autofill: true }],
  });
  const as = (id: string, roles: string[] | undefined, elo = 1_000, tries = 0): WaitingTicket => {
    const ticket = party(id, 1, elo, { tries });
    return { ...ticket, players: ticket.players.map((player) => ({ ...player, ...(roles && { roles }) })) };
  };
  const rolesOf = (tickets: WaitingTicket[]) => {
    const [proposal] = searchFor(trio, tickets).proposals;
    return (
      proposal && Object.fromEntries(teamsOf(proposal).flatMap(({ players }) => players.map((p) => [p.ticket, p.role])))
    );
  };

  it("are all filled in each team, by whoever lists them", () => {
    const tanks = ["a", "b", "c"].map((id) => as(id, ["tank"]));
    const others = [
      as("d", ["dps", "healer"]),
      as("e", ["healer"], 1_090),
      as("f", ["dps"]),
      as("g", undefined, 1_099),
    ];
    expect(rolesOf([...tanks, ...others])).toMatchObject({ a: "tank", e: "healer", f: "dps" });
  });

  it("are not forced on anybody before autofill", () => {
    const tickets = (tries: number) => ["a", "b", "c", "d", "e", "f"].map((id) => as(id, ["dps"], 1_000, tries));
    expect(rolesOf(tickets(4))).toBeUndefined();
    expect(Object.values(rolesOf(tickets(5)) ?? {}).sort()).toEqual(["dps", "dps", "healer", "healer", "tank", "tank"]);
  });

  it("passes over a nearer player whose role is taken", () => {
    const near = ["a", "b", "c"].map((id) => as(id, ["tank"]));
    const far = [
      as("d", ["healer"], 1_050),
      as("e", ["healer"], 1_050),
      as("f", ["dps"], 1_050),
      as("g", ["dps"], 1_050),
    ];
    expect(Object.keys(rolesOf([...near, ...far]) ?? {}).sort()).toEqual(["a", "b", "d", "e", "f", "g"]);
  });
});

describe("sums of teams", () => {
  const withPower = (id: string, power: number | undefined): WaitingTicket => {
    const ticket = party(id, 1);
    return {
      ...ticket,
      players: ticket.players.map((player) => ({ ...player, ...(power !== undefined && { attributes: { power } }) })),
    };
  };
  const sums = (rule: object, powers: readonly (number | undefined)[]) => {
    const queue = queueOf({
      teams: { count: 2, size: 2 },
      rules: [{ kind: "teamSum", attribute: "power", missing: "accept", ...rule }],
    });
    const tickets = powers.map((power, index) => withPower(`t${index}`, power));
    const powerOf = (ticket: string) => powers[Number(ticket.slice(1))] ?? 0;
    const [proposal] = searchFor(queue, tickets).proposals;
    return proposal?.teams.map((team) =>
      team.tickets.reduce((sum, place) => sum + powerOf(proposal.tickets[place]?.id ?? ""), 0),
    );
  };

  it("stay under a bound", () => expect(sums({ max: 6 }, [5, 5, 1, 1])).toEqual([6, 6]));
  it("stay over a bound, or there is no match", () => expect(sums({ min: 7 }, [5, 5, 1, 1])).toBeUndefined());
  it("stay near each other", () => expect(sums({ maxGap: 1 }, [4, 3, 2, 1])).toEqual([5, 5]));
  it("rise in the order of the teams", () => {
    const [first = 0, second = 0] = sums({ order: "rising" }, [4, 3, 2, 2]) ?? [9, 0];
    expect(first).toBeLessThanOrEqual(second);
  });
  it("count a missing number as 0 where that is accepted", () =>
    expect(sums({ max: 5 }, [5, undefined, 5, undefined])).toEqual([5, 5]));
  it("refuse a player without the number where that is said", () =>
    expect(sums({ max: 9, missing: "refuse" }, [1, 1, 1, undefined])).toBeUndefined());
});

describe("one pool", () => {
  const pool = queueOf({ teams: { count: 1, size: 10, minSize: 2 }, maxPartySize: 4, backfill: true });

  it("begins with two, and says how many more may come", () => {
    const [proposal] = searchFor(pool, solos("t", 2)).proposals;
    expect(proposal?.teams).toMatchObject([{ name: "1", open: 8 }]);
    expect(proposal?.eloGap).toBe(0);
  });

  it("doesn't begin with one", () => expect(searchFor(pool, solos("t", 1)).proposals).toEqual([]));
  it("is filled to its last place", () => {
    const sizes = searchFor(pool, solos("t", 25)).proposals.map(({ tickets }) => tickets.length);
    expect(sizes).toEqual([10, 10, 5]);
  });
});

describe("a ticket that has used up half its time", () => {
  const pairs = queueOf({
    teams: { count: 2, size: 2 },
    expireAfterMs: 60_000,
    steps: [
      { fromTry: 0, eloSpread: 40 },
      { fromTry: 9, eloSpread: 100 },
    ],
  });
  const now = 100_000;
  const old = party("old", 1, 1_000, { tries: 9, createdAt: now - 40_000 });
  const young = (id: string, elo: number, createdAt = now - 1_000) => party(id, 1, elo, { tries: 9, createdAt });

  it("is matched before those who would be closer without it, also when it isn't the one to be served", () => {
    const crowd = ["a", "b", "c"].map((id) => young(id, 1_060));
    const extra = young("d", 1_061);
    const { proposals } = searchFor(pairs, [...crowd, extra], [old], { now });
    expect(matched(proposals)).toEqual([expect.arrayContaining(["old"])]);
  });

  it("keeps three quarters of a match for itself", () => {
    // The two near it would make a match with the two that it refuses.
    const near = [young("a", 1_080), young("b", 1_090)];
    const far = [young("c", 1_140), young("d", 1_150)];
    expect(searchFor(pairs, [...near, ...far], [old], { now }).proposals).toEqual([]);
    const young2 = { ...old, createdAt: now - 1_000 };
    expect(searchFor(pairs, [...near, ...far], [young2], { now }).proposals).toHaveLength(1);
  });

  it("holds nobody for a match that has its players and no teams", () => {
    const trios = {
      ...pairs,
      teams: { count: 2, size: 3 },
      teamShapes: queueOf({ teams: { count: 2, size: 3 } }).teamShapes,
    };
    const queue = { ...trios, maxPartySize: 2, steps: [{ fromTry: 0, eloSpread: 100, teamGap: 5 }] };
    // The old pair's team is 40 stronger than any other that there is; the six others are even.
    const strong = { ...party("old", 2, 1_060), createdAt: now - 40_000 };
    const others = ["a", "b", "c", "d", "e", "f"].map((id) => young(id, 1_000));
    expect(matched(searchFor(queue, others, [strong], { now }).proposals)).toEqual([["a", "b", "c", "d", "e", "f"]]);
  });

  it("is looked after however many others are urgent that suit nobody", () => {
    const crowd = ["a", "b", "c"].map((id) => young(id, 1_060));
    const hopeless = Array.from({ length: 40 }, (_, index) =>
      party(`h${index}`, 1, 9_000 + 1_000 * index, { createdAt: 0 }),
    );
    const { proposals } = searchFor(pairs, [...crowd, young("d", 1_061)], [old, ...hopeless], { now });
    expect(matched(proposals)).toEqual([expect.arrayContaining(["old"])]);
  });
});
