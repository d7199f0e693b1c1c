import type { WaitingTicket } from "@muster/core";
import { describe, expect, it } from "vitest";
import { separateUnfit } from "./separate-unfit.ts";
import { queueOf, ticketOf } from "./test-support.ts";

const trios = queueOf({ teams: { count: 2, size: 3 }, maxPartySize: 3 });

const unfitOf = (...tickets: WaitingTicket[]): string[] =>
  separateUnfit(trios, { tickets, served: new Uint8Array(tickets.length) }).unfit.tickets.map(({ id }) => id);

describe("a ticket is unfit for every match", () => {
  const party = ticketOf("party", [1000, 1100, 1200]);

  it("when it is larger than a team or empty", () => {
    const large = ticketOf("large", [1, 2, 3, 4]);
    const empty: WaitingTicket = { ...ticketOf("empty", 1000), players: [] };
    expect(unfitOf(party, large, empty)).toEqual(["large", "empty"]);
  });

  it("when a number of it is none", () => {
    const noElo = ticketOf("noElo", 1000, { elo: Number.NaN });
    const endless = ticketOf("endless", [1000, Infinity], { elo: 1000 });
    const noTries = ticketOf("noTries", 1000, { tries: Number.NaN });
    expect(unfitOf(noElo, endless, noTries, party)).toEqual(["noElo", "endless", "noTries"]);
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
