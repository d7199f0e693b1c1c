import type { Queue, WaitingTicket } from "@muster/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { buildLadder } from "../ladder.ts";
import { rosterOf } from "../roster.ts";
import { queueOf, seekersOf, ticketOf } from "../test-support.ts";
import { assembleMatch, findMatchAround } from "./assemble-match.ts";
import { slotsOf } from "./slot-fitter.ts";
import { teamSearch } from "./team-search.ts";

const ROLES = { tank: 1, healer: 1, dps: 2 };
const withRoles = queueOf({
  teams: { count: 2, size: 4, roles: ROLES },
  maxPartySize: 3,
  steps: [{ fromTry: 0, eloSpread: 100, autofill: false }],
});
const withNames = queueOf({
  teams: [
    { name: "hunter", size: 1 },
    { name: "prey", size: 4, minSize: 3 },
  ],
  maxPartySize: 3,
  steps: [{ fromTry: 0, eloSpread: 100 }],
});

/** Elos near enough for most to meet. */
const anyElo = fc.integer({ min: 1_000, max: 1_120 });
const withWishes = (queue: Queue, wishes: readonly string[]): fc.Arbitrary<[Queue, WaitingTicket[]]> =>
  fc
    .array(
      fc.tuple(
        fc.array(fc.tuple(anyElo, fc.subarray([...wishes], { minLength: 1 })), { minLength: 1, maxLength: 3 }),
        fc.subarray([...wishes], { minLength: 1 }),
      ),
      { maxLength: 14 },
    )
    .map((drawn) => [
      queue,
      drawn.map(([players, teams], index) => {
        const ticket = ticketOf(
          `t${index}`,
          players.map(([elo]) => elo),
          { createdAt: index },
        );
        if (queue === withNames) return { ...ticket, teams };
        return {
          ...ticket,
          players: ticket.players.map((player, n) => ({ ...player, roles: players[n]?.[1] ?? [] })),
        };
      }),
    ]);
const anyCrowd = fc.oneof(withWishes(withRoles, Object.keys(ROLES)), withWishes(withNames, ["hunter", "prey"]));

it("finds around a ticket what is found where nobody looks for missing places beforehand", () => {
  let [found, none] = [0, 0];
  fc.assert(
    fc.property(anyCrowd, ([queue, tickets]) => {
      const served = new Uint8Array(tickets.length).fill(1);
      const ladder = buildLadder(queue, rosterOf({ tickets, served }), 0);
      const search = teamSearch(queue, ladder, 0);
      for (const core of ladder.oldestFirst) {
        const match = findMatchAround(search, core);
        expect(match).toEqual(assembleMatch(search, core).match);
        if (match) found++;
        else none++;
      }
    }),
    { numRuns: 300 },
  );
  // Else this tested nothing.
  expect(Math.min(found, none)).toBeGreaterThan(50);
});

it("seats as many players as have places, however they must make room for each other", () => {
  fc.assert(
    fc.property(withWishes(withRoles, Object.keys(ROLES)), ([queue, tickets]) => {
      const seekers = seekersOf(queue, tickets);
      const wishes = seekers.flatMap(({ ticket }) => ticket.players.map(({ roles = [] }) => roles));
      const most = mostSeated(wishes);
      const slots = slotsOf(queue);
      expect(slots.canSeat(most + 1, seekers)).toBe(false);
      if (most > 0) expect(slots.canSeat(most, seekers)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

/** By D. Hall's theorem, as O. Ore put it: all but those who crowd some set of roles beyond its places. */
const mostSeated = (wishes: readonly (readonly string[])[]): number => {
  const names = Object.keys(ROLES);
  const subsets = Array.from({ length: 2 ** names.length }, (_, bits) => names.filter((_, n) => bits & (1 << n)));
  const lacking = subsets.map((roles) => {
    const confined = wishes.filter((wish) => wish.every((role) => roles.includes(role))).length;
    const places = Object.entries(ROLES).reduce(
      (sum, [role, count]) => sum + (roles.includes(role) ? 2 * count : 0),
      0,
    );
    return confined - places;
  });
  return wishes.length - Math.max(...lacking);
};
