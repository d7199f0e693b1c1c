import type { Match } from "@muster/core";
import { describe, expect, it } from "vitest";
import { toEndedTicket, toSession } from "./rows.ts";

const player = (id: string) => ({ id, elo: 1_000, ticket: `t-${id}` });
const left = { presence: "LEFT", reason: "left" } as const;
const match: Match = {
  id: "m1",
  queue: "duel",
  state: "ended",
  version: 3,
  createdAt: 1_000,
  endsAt: 9_000,
  endedAt: 5_000,
  eloGap: 0,
  quality: 1,
  joined: 0,
  teams: [
    { name: "1", players: [{ ...player("ann"), role: "tank" }] },
    { name: "2", players: [player("bob")] },
  ],
  left: [
    { ...player("cid"), team: "2", at: 3_000, ...left },
    { ...player("bob"), team: "1", at: 2_000, ...left },
  ],
};
const ended = { type: "ended", queue: "duel", match: "m1", at: 5_000 } as const;

describe("the rows of a match", () => {
  it("name each player once: who stayed, and who left for good", () => {
    const { session, players } = toSession("main", ended, match);
    expect(session).toMatchObject({ createdAt: 1_000, endedAt: 5_000, teamNames: ["1", "2"], teamSizes: [1, 1] });
    expect(players.map(({ playerId, team, role, leftAt }) => [playerId, team, role, leftAt])).toEqual([
      ["cid", "2", null, 3_000],
      ["bob", "2", null, null],
      ["ann", "1", "tank", null],
    ]);
  });

  it("never end before they begin, though services' clocks differ by some ms", () => {
    const skewed = { ...match, createdAt: 5_020, left: [{ ...player("cid"), team: "2", at: 5_010, ...left }] };
    const { session, players } = toSession("main", ended, skewed);
    expect(session.createdAt).toBe(5_000);
    expect(players[0]?.leftAt).toBe(5_000);
  });

  it("say what the event says when its record is gone", () => {
    expect(toSession("main", ended, null)).toMatchObject({
      session: { id: "m1", queue: "duel", endedAt: 5_000, createdAt: null, teamSizes: [] },
      players: [],
    });
  });
});

it("a ticket whose record is gone is what its event says", () => {
  const event = { type: "expired", queue: "duel", ticket: "t1", at: 5_000, createdAt: 1_000, tries: 7 } as const;
  expect(toEndedTicket("main", event, null)).toMatchObject({ id: "t1", status: "expired", tries: 7, players: null });
});
