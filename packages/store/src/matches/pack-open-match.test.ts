import type { OpenMatch } from "@muster/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { openMatchElo, packOpenMatch, unpackOpenMatch } from "./pack-open-match.ts";

const ticket = (id: string, elo: number) => ({
  ...{ id, version: 1, createdAt: 1_000, tries: elo / 8, elo },
  players: [{ id: `p_${id}`, elo, roles: ["tank"], attributes: { platform: "pc" } }],
  teams: ["red"],
});

it("an open match comes out of its index as it went in", () => {
  const team = fc.record(
    {
      name: fc.constantFrom("red", "blue"),
      open: fc.nat(5),
      roles: fc.constant<string[]>(["tank", "tank"]),
      tickets: fc.array(fc.nat(3_000).map((elo) => ticket(`t_${elo}`, elo))),
    },
    { requiredKeys: ["name", "open", "tickets"] },
  );
  const match: fc.Arbitrary<OpenMatch> = fc.record(
    {
      id: fc.constant("m_1"),
      version: fc.integer({ min: 1, max: 9 }),
      openedAt: fc.nat(),
      region: fc.constant("eu"),
      teams: fc.array(team, { maxLength: 3 }),
    },
    { requiredKeys: ["id", "version", "openedAt", "teams"] },
  );
  fc.assert(
    fc.property(match, (open) => {
      expect(unpackOpenMatch(packOpenMatch(open))).toEqual(open);
    }),
  );
});

it("an open match stands at the mean of its players, or, without any, where it stood before", () => {
  const tickets = [ticket("t_1", 1_000), ticket("t_2", 1_300)];
  expect(openMatchElo({ teams: [{ name: "red", open: 1, tickets }] }, 50)).toBe(1_150);
  expect(openMatchElo({ teams: [{ name: "red", open: 3, tickets: [] }] }, 50)).toBe(50);
});
