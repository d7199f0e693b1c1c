import type { Attributes } from "@muster/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { packTicket, seenIn, unpackTicket } from "./pack-ticket.ts";

const player = fc.record(
  {
    id: fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/),
    elo: fc.integer({ min: 0, max: 3_000 }),
    avgPingMs: fc.nat(400),
    latencyMs: fc.constant<Record<string, number>>({ "eu-west": 20, "us-east": 95.5 }),
    attributes: fc.constant<Attributes>({ platform: "pc", maps: ["bay", "arena"], ranked: true, level: 3 }),
    roles: fc.constant<string[]>(["tank", "healer"]),
  },
  { requiredKeys: ["id", "elo"] },
);

it("a ticket comes out of the range as it went in, whatever is known of its players", () => {
  const teams = fc.option(fc.constant<string[]>(["hunter"]), { nil: undefined });
  fc.assert(
    fc.property(fc.array(player, { minLength: 1, maxLength: 5 }), fc.nat(50), teams, (players, tries, teams) => {
      const rest = { id: "t_1", version: 3, createdAt: 1_795_258_128_366 };
      const ticket = { ...rest, tries, players, ...(teams && { teams }) };
      const elo = players.reduce((sum, each) => sum + each.elo, 0) / players.length;
      expect(unpackTicket(packTicket(ticket))).toEqual({ ...ticket, elo });
      expect(seenIn(packTicket(ticket))).toEqual({ id: "t_1", version: 3 });
    }),
  );
});

it("a ticket of which little is known is words, in which JSON escapes nothing", () => {
  const ticket = { id: "t_1", version: 1, createdAt: 1_000, tries: 2 };
  const players = [
    { id: "ann", elo: 1_200.5, avgPingMs: 35 },
    { id: "bob", elo: 1_000 },
  ];
  expect(packTicket({ ...ticket, players })).toBe("t_1 2 1 1000 ann 1200.5 35 bob 1000 -");
});

it("a solo ticket without more takes little room", () => {
  const ticket = { id: "t_8NdEDsJEHVSHGVfAHPSB", version: 1, createdAt: 1_795_258_128_366, tries: 0 };
  expect(packTicket({ ...ticket, players: [{ id: "ann", elo: 1_200, avgPingMs: 35 }] }).length).toBeLessThan(70);
});

it("a ticket of which more is known is JSON by position", () => {
  const packed = 't_1 2 [1,1000,[["ann",1200],["bob",1000,35,{"eu":20},{"platform":"pc"}]]]';
  expect(seenIn(packed)).toEqual({ id: "t_1", version: 1 });
  expect(unpackTicket(packed)).toEqual({
    ...{ id: "t_1", version: 1, createdAt: 1_000, tries: 2, elo: 1_100 },
    players: [
      { id: "ann", elo: 1_200 },
      { id: "bob", elo: 1_000, avgPingMs: 35, latencyMs: { eu: 20 }, attributes: { platform: "pc" } },
    ],
  });
});
