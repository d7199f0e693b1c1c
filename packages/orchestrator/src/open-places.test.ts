import type { Match } from "@muster/core";
import { sampleQueue } from "@muster/store/testing";
import { describe, expect, it } from "vitest";
import { closePlaces, openPlaces } from "./open-places.ts";

const queue = sampleQueue({
  teams: [
    { name: "red", size: 2 },
    { name: "blue", size: 3 },
  ],
  maxPartySize: 2,
});
const player = (id: string) => ({ id, elo: 1_000, ticket: `t_${id}` });
const match: Match = {
  ...{ id: "m", queue: "duel", state: "live", version: 4, createdAt: 0, endsAt: 9, eloGap: 0, quality: 1 },
  teams: [
    { name: "red", players: [player("ann"), player("bob")] },
    { name: "blue", players: [player("cat"), player("dan")] },
  ],
};
const after = (request: Parameters<typeof openPlaces>[2], from = match) => openPlaces(queue, from, request, 77);

describe("a realm's request for players", () => {
  it("opens the places of those whom the match lost, and keeps who they were", () => {
    expect(after({ lost: ["bob"] })).toEqual({
      teams: [
        { name: "red", players: [player("ann")], open: 1 },
        { name: "blue", players: [player("cat"), player("dan")] },
      ],
      left: [{ ...player("bob"), team: "red", at: 77 }],
    });
  });

  it("opens places that were never taken", () => {
    expect(after({ places: { blue: 1 } })?.teams[1]).toMatchObject({ open: 1 });
  });

  it("changes nothing when it is repeated", () => {
    const changed = { ...match, ...after({ lost: ["bob"], places: { blue: 1 } }) };
    expect(after({ lost: ["bob"], places: { blue: 1 } }, changed)).toBeUndefined();
    expect(after({}, match)).toBeUndefined();
  });

  it("can take back open places", () => {
    const changed = { ...match, ...after({ lost: ["bob"] }) };
    expect(after({ places: { red: 0 } }, changed)?.teams[0]).toEqual({ name: "red", players: [player("ann")] });
    expect(closePlaces(changed)).toEqual({
      teams: [{ name: "red", players: [player("ann")] }, match.teams[1]],
      left: changed.left,
    });
    expect(closePlaces(match)).toBeUndefined();
  });

  it.each([
    ["a player who was never in the match", { lost: ["ann", "eve"] }, "lost[1]"],
    ["a team that isn't in the match", { places: { green: 1 } }, "places.green"],
    ["more places than a team has", { places: { blue: 2 } }, "places.blue"],
    ["a place that somebody has", { places: { red: 1 } }, "places.red"],
  ])("is refused with the field that names %s", (_, request, field) => {
    expect(() => after(request)).toThrow(expect.objectContaining({ code: "INVALID" }));
    try {
      after(request);
    } catch (error) {
      expect(error).toMatchObject({ details: { faults: [{ field }] } });
    }
  });
});
