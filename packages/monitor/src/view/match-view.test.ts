import type { Match, Ticket } from "@muster/core";
import { expect, it } from "vitest";
import { ticketsOf, toMatchView } from "./match-view.ts";

const match = {
  ...{ id: "m", queue: "duel", state: "live", version: 1, createdAt: 5_000, endsAt: 9_000, joined: 0 },
  ...{ eloGap: 20, quality: 0.9, region: "eu" },
  teams: [
    { name: "1", players: [{ id: "ann", elo: 1_000, ticket: "t_ann" }] },
    { name: "2", players: [{ id: "bob", elo: 1_020, ticket: "t_bob" }] },
  ],
} as Match;
const ticket = (id: string, createdAt: number, player: Partial<Ticket["players"][number]>): Ticket => ({
  ...{ id, queue: "duel", status: "matched", version: 1, tries: 0, createdAt, expiresAt: 9_000 },
  players: [{ id, elo: 1_000, ...player }],
});

it("tells how long its tickets had waited, and the worst ping to where it is", () => {
  const view = toMatchView(match, [
    ticket("t_ann", 1_000, { latencyMs: { eu: 30, us: 200 } }),
    ticket("t_bob", 4_500, { avgPingMs: 80 }),
  ]);
  expect(view).toMatchObject({ waitedMs: { min: 500, max: 4_000 }, worstPingMs: 80, region: "eu" });
});

it("has no elo gap in instant matching, where nobody has an elo", () => {
  expect(toMatchView({ ...match, instant: { room: "r", secret: "s" } })).not.toHaveProperty("eloGap");
  expect(toMatchView(match)).toMatchObject({ eloGap: 20 });
});

it("leaves out what wasn't looked up", () => {
  expect(toMatchView(match)).not.toHaveProperty("waitedMs");
  expect(toMatchView(match, [ticket("t_ann", 1_000, {})])).not.toHaveProperty("worstPingMs");
});

it("names each ticket once", () => {
  const [team] = match.teams;
  const party = { ...match, teams: [{ name: "1", players: [...(team?.players ?? []), ...(team?.players ?? [])] }] };
  expect(ticketsOf(party)).toEqual(["t_ann"]);
});
