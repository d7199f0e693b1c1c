import type { WaitingTicket } from "@muster/core";
import { describe, expect, it } from "vitest";
import { gather } from "./gather.ts";
import { queueOf, ticketOf } from "./test-support.ts";

/** Each ticket with whether it is served. */
const gathered = (serve: readonly WaitingTicket[], candidates: readonly WaitingTicket[]) => {
  const { tickets, served } = gather(queueOf(), serve, candidates).fit;
  return tickets.map((ticket, index) => ({ ticket, served: served[index] === 1 }));
};

describe("gathering tickets", () => {
  const old = ticketOf("a", 1000, { version: 1 });
  const changed = ticketOf("a", 1200, { version: 2 });

  it("keeps one of each id, and serves it if any copy was to be served", () => {
    const other = ticketOf("b", 1000);
    expect(gathered([old], [old, other, other])).toEqual([
      { ticket: old, served: true },
      { ticket: other, served: false },
    ]);
  });

  it("keeps the highest version, wherever it comes from", () => {
    expect(gathered([old], [changed])).toEqual([{ ticket: changed, served: true }]);
    expect(gathered([changed], [old])).toEqual([{ ticket: changed, served: true }]);
    expect(gathered([], [changed, old])).toEqual([{ ticket: changed, served: false }]);
  });

  it("prefers, among equal versions, the copy to serve, then the one with more tries", () => {
    const tried = { ...old, tries: 4 };
    expect(gathered([old], [tried])).toEqual([{ ticket: old, served: true }]);
    expect(gathered([old, tried], [])).toEqual([{ ticket: tried, served: true }]);
    expect(gathered([], [tried, old])).toEqual([{ ticket: tried, served: false }]);
  });
});

const trios = queueOf({ teams: { count: 2, size: 3 }, maxPartySize: 3 });

const unfitOf = (...tickets: WaitingTicket[]): string[] => gather(trios, [], tickets).unfit.tickets.map(({ id }) => id);

describe("a ticket is unfit for every match", () => {
  const party = ticketOf("party", [1000, 1100, 1200]);

  it("when it is larger than a team or empty", () => {
    const large = ticketOf("large", [1, 2, 3, 4]);
    const empty: WaitingTicket = { ...ticketOf("empty", 1000), players: [] };
    expect(unfitOf(party, large, empty)).toEqual(["empty", "large"]);
  });

  it("when a number of it is none", () => {
    const noElo = ticketOf("noElo", 1000, { elo: Number.NaN });
    const endless = ticketOf("endless", [1000, Infinity], { elo: 1000 });
    const noTries = ticketOf("noTries", 1000, { tries: Number.NaN });
    const noTime = ticketOf("noTime", 1000, { createdAt: Number.NaN });
    expect(unfitOf(noElo, noTime, endless, noTries, party)).toEqual(["endless", "noElo", "noTries", "noTime"]);
  });

  it("when it names a player twice", () => {
    const twice = ticketOf("twice", [1000, 1000]);
    twice.players = twice.players.map((player) => ({ ...player, id: "same" }));
    expect(unfitOf(twice)).toEqual(["twice"]);
  });

  it("when a newer ticket holds one of its players, in whatever order they come", () => {
    const older = { ...party, id: "older", createdAt: 1 };
    const newer = ticketOf("newer", 1000, { createdAt: 2, players: party.players.slice(2) });
    const apart = ticketOf("apart", 1000, { createdAt: 0 });
    expect(unfitOf(older, newer, apart)).toEqual(["older"]);
    expect(unfitOf(apart, newer, older)).toEqual(["older"]);
  });
});
