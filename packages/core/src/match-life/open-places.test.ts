import { describe, expect, it } from "vitest";
import type { Match } from "../match.ts";
import { closePlaces, openPlaces } from "./open-places.ts";
import { matchOf, queueOf } from "./test-matches.ts";

const queue = queueOf({
  teams: [
    { name: "red", size: 2 },
    { name: "blue", size: 3 },
  ],
});
const match = matchOf({ red: ["ann", "bob"], blue: ["cat", "dan"] });
const after = (request: Parameters<typeof openPlaces>[2], from: Match = match) => openPlaces(queue, from, request, 77);

describe("a realm's request for players", () => {
  it("opens the places of those whom the match lost, and keeps who they were", () => {
    const [red, blue] = match.teams;
    expect(after({ lost: ["bob"] })).toMatchObject({
      match: {
        state: "open",
        teams: [{ name: "red", players: [red?.players[0]], open: 1 }, blue],
        left: [{ ...red?.players[1], team: "red", at: 77, presence: "LEFT", reason: "lost" }],
      },
      events: [{ type: "left", player: "bob" }, { type: "backfill" }],
    });
  });

  it("opens places that were never taken", () => {
    expect(after({ places: { blue: 1 } })?.match.teams[1]).toMatchObject({ open: 1 });
  });

  it("changes nothing when it is repeated", () => {
    const request = { lost: ["bob"], places: { blue: 1 } };
    expect(after(request, after(request)?.match)).toBeUndefined();
    expect(after({}, match)).toBeUndefined();
  });

  it("can take back open places", () => {
    const changed = after({ lost: ["bob"] })?.match ?? match;
    const closed = [{ name: "red", players: changed.teams[0]?.players }, match.teams[1]];
    expect(after({ places: { red: 0 } }, changed)?.match).toMatchObject({ state: "live", teams: closed });
    expect(closePlaces(changed)?.match).toMatchObject({ state: "live", teams: closed, left: changed.left });
    expect(closePlaces(match)).toBeUndefined();
  });

  it("ends a match of which nobody is left", () => {
    expect(after({ lost: ["ann", "bob", "cat", "dan"] })?.match).toMatchObject({ state: "ended", endedAt: 77 });
  });

  it.each([
    ["a player who was never in the match", { lost: ["ann", "eve"] }, "lost[1]"],
    ["a team that isn't in the match", { places: { green: 1 } }, "places.green"],
    ["more places than a team has", { places: { blue: 2 } }, "places.blue"],
    ["a place that somebody has", { places: { red: 1 } }, "places.red"],
  ])("is refused with the field that names %s", (_, request, field) => {
    expect(() => after(request)).toThrow(
      expect.objectContaining({ code: "INVALID", details: { faults: [expect.objectContaining({ field })] } }),
    );
  });
});
