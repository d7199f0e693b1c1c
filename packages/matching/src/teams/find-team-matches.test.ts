import { teamsOf } from "@muster/core";
import { describe, expect, it } from "vitest";
import { matched, queueOf, searchFor, ticketOf } from "../test-support.ts";

const pairs = queueOf({
  teams: { count: 2, size: 2 },
  maxPartySize: 2,
  steps: [{ fromTry: 0, eloSpread: 100, pingSpreadMs: 50 }],
});
const fives = queueOf({
  teams: { count: 2, size: 5 },
  maxPartySize: 5,
  steps: [{ fromTry: 0, eloSpread: 100, pingSpreadMs: 50 }],
});
const me = ticketOf("me", 1000, { pings: [50] });
const crowd = (name: string, count: number, elo: number, ping: number) =>
  Array.from({ length: count }, (_, index) => ticketOf(`${name}${index}`, elo, { pings: [ping], createdAt: 1 }));

describe("a team match", () => {
  it("is the tightest set around the served ticket", () => {
    const others = [1030, 1001, 1050, 999, 1002].map((elo) => ticketOf(`t${elo}`, elo, { pings: [50] }));
    expect(matched(searchFor(pairs, [me], others).proposals)).toEqual([["me", "t1001", "t1002", "t999"]]);
  });

  it("waits until it is full", () => {
    const { proposals, unmatched } = searchFor(pairs, [me], crowd("t", 2, 1000, 50));
    expect(proposals).toEqual([]);
    expect(unmatched).toEqual([me]);
  });

  it("is split evenly, with the gap of the teams' means", () => {
    const others = [1040, 1060, 1100].map((elo) => ticketOf(`t${elo}`, elo));
    const [proposal] = searchFor(pairs, [me], others).proposals;
    expect(proposal).toMatchObject({ id: "m1", queue: "test", eloGap: 0 });
    expect(proposal && teamsOf(proposal)).toEqual([
      {
        name: "1",
        players: [
          { id: "t1100-0", elo: 1100, ticket: "t1100" },
          { id: "me-0", elo: 1000, ticket: "me" },
        ],
      },
      {
        name: "2",
        players: [
          { id: "t1060-0", elo: 1060, ticket: "t1060" },
          { id: "t1040-0", elo: 1040, ticket: "t1040" },
        ],
      },
    ]);
  });

  it("is found beyond nearer tickets that refuse the others by elo", () => {
    // The nearest are three above; the nine below, who suffice, are more than a spread away from those.
    const others = [...crowd("above", 3, 1050, 50), ...crowd("below", 9, 940, 50)];
    const [ids] = matched(searchFor(fives, [me], others).proposals);
    expect(ids).toEqual([
      "below0",
      "below1",
      "below2",
      "below3",
      "below4",
      "below5",
      "below6",
      "below7",
      "below8",
      "me",
    ]);
  });

  it("is found beyond nearer tickets that refuse the others by ping", () => {
    const others = [...crowd("low", 3, 1001, 10), ...crowd("high", 9, 1002, 90)];
    const [ids] = matched(searchFor(fives, [me], others).proposals);
    expect(ids?.filter((id) => id.startsWith("high"))).toHaveLength(9);
  });

  it("prefers a tighter set to the first that fills", () => {
    // Nearest first takes `odd`, whose ping shuts out the near crowd, and would end far away.
    const others = [...crowd("odd", 1, 1000, 99), ...crowd("near", 3, 1005, 30), ...crowd("far", 3, 1060, 60)];
    expect(matched(searchFor(pairs, [me], others).proposals)).toEqual([["me", "near0", "near1", "near2"]]);
  });

  it("keeps a party in one team", () => {
    const party = ticketOf("duo", [1000, 1400], { elo: 1000 });
    const [proposal] = searchFor(pairs, [party], crowd("t", 3, 1000, 50)).proposals;
    const ids = proposal?.teams.map(({ tickets }) => tickets.map((place) => proposal.tickets[place]?.id));
    expect(ids).toEqual([["duo"], ["t0", "t1"]]);
    expect(proposal?.eloGap).toBe(200);
  });

  it("leaves out a nearer party that would strand the rest", () => {
    // With the four beside the served three, one more player is wanted, and there is none: 3+2 against 3+2 it is.
    const sizes = { four: 4, three: 3, twoA: 2, twoB: 2 };
    const parties = Object.entries(sizes).map(([id, size], index) =>
      ticketOf(id, new Array<number>(size).fill(1001 + index)),
    );
    const [ids] = matched(searchFor(fives, [ticketOf("me", [1000, 1000, 1000])], parties).proposals);
    expect(ids).toEqual(["me", "three", "twoA", "twoB"]);
  });

  it("is not made of parties that no team division holds", () => {
    const parties = Array.from({ length: 10 }, (_, index) => ticketOf(`t${index}`, [1000, 1000, 1000]));
    expect(searchFor(fives, parties).proposals).toEqual([]);
  });

  it("of a hundred single players has a hundred teams", () => {
    const queue = queueOf({ teams: { count: 100, size: 1 }, steps: [{ fromTry: 0 }] });
    const players = Array.from({ length: 100 }, (_, index) => ticketOf(`t${index}`, 1000 + index));
    const [proposal] = searchFor(queue, players).proposals;
    expect(proposal?.teams).toHaveLength(100);
    expect(proposal?.eloGap).toBe(99);
  });
});
