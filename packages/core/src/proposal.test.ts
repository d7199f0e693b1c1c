import { describe, expect, it } from "vitest";
import { DUEL_TEAMS, teamsOf, waitingOf } from "./proposal.ts";
import type { WaitingTicket } from "./search.ts";

const ticketOf = (id: string, ...players: [id: string, elo: number][]): WaitingTicket => ({
  ...{ id, version: 1, tries: 3, createdAt: 0, elo: 1_000 },
  players: players.map(([player, elo]) => ({ id: player, elo, avgPingMs: 30 })),
});
const tickets = [ticketOf("t_solo", ["ann", 900]), ticketOf("t_duo", ["bob", 1_000], ["cat", 1_100])];

describe("the teams of a proposal", () => {
  it("hold the players of its tickets, whole and in order, with their roles", () => {
    const teams = [
      { name: "red", tickets: [1, 0], roles: ["tank", "healer", "dps"] },
      { name: "blue", tickets: [], open: 3 },
    ];
    expect(teamsOf({ tickets, teams })).toEqual([
      {
        name: "red",
        players: [
          { id: "bob", elo: 1_000, ticket: "t_duo", role: "tank" },
          { id: "cat", elo: 1_100, ticket: "t_duo", role: "healer" },
          { id: "ann", elo: 900, ticket: "t_solo", role: "dps" },
        ],
      },
      { name: "blue", players: [], open: 3 },
    ]);
  });

  it("of a duel have a player each", () => {
    const solos = [ticketOf("t_dan", ["dan", 1_010]), ticketOf("t_ann", ["ann", 900])];
    expect(teamsOf({ tickets: solos, teams: DUEL_TEAMS })).toEqual([
      { name: "1", players: [{ id: "dan", elo: 1_010, ticket: "t_dan" }] },
      { name: "2", players: [{ id: "ann", elo: 900, ticket: "t_ann" }] },
    ]);
  });
});

describe("the tickets that joiners are held against", () => {
  it("are those of the proposal, with their effective tries", () => {
    expect(waitingOf({ tickets, effectiveTries: [0.5, 7] })).toEqual([
      { ...tickets[0], tries: 0.5 },
      { ...tickets[1], tries: 7 },
    ]);
  });

  it("are none of a match that takes in nobody", () => expect(waitingOf({ tickets })).toEqual([]));
});
