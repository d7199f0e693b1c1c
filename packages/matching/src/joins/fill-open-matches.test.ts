import { type OpenMatch, type OpenTeam, type Queue, teamsOf, type WaitingTicket, waitingOf } from "@muster/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { criteriaFor } from "../criteria.ts";
import { anyTeamQueueWithRules, anyTeamTickets, teamFaults } from "../teams/test-teams.ts";
import { queueOf, searchFor, ticketOf } from "../test-support.ts";

const pool = queueOf({
  teams: { count: 1, size: 4, minSize: 2 },
  maxPartySize: 2,
  backfill: true,
  steps: [
    { fromTry: 0, eloSpread: 50, latencyLevelSpread: 0 },
    { fromTry: 3, eloSpread: 200 },
  ],
});
const openMatch = (queue: Queue, teams: readonly Partial<OpenTeam>[], given: Partial<OpenMatch> = {}): OpenMatch => ({
  ...{ id: "m_open", version: 3, openedAt: 0 },
  teams: queue.teamShapes.map(({ name }, index) => ({ name, open: 0, tickets: [], ...teams[index] })),
  ...given,
});
const host = ticketOf("host", 1_000, { pings: [50] });
const guest = ticketOf("guest", 1_020, { pings: [60] });
const joinsOf = (queue: Queue, serve: readonly WaitingTicket[], open: readonly OpenMatch[], now = 0) =>
  searchFor(queue, serve, [], { open, now }).proposals.filter(({ join }) => join);

describe("a ticket joins an open match", () => {
  it("before a new one is made, and the proposal names only who is new", () => {
    const others = [guest, ticketOf("other", 1_030)];
    const [join] = joinsOf(pool, others, [openMatch(pool, [{ open: 2, tickets: [host] }])]);
    expect(join).toMatchObject({ id: "m_open", join: { version: 3 }, queue: "test" });
    expect(join?.tickets.map(({ id }) => id)).toEqual(["guest", "other"]);
    expect(join?.teams).toEqual([{ name: "1", tickets: [0, 1] }]);
  });

  it("not beyond its places, nor with a part of its party", () => {
    const open = openMatch(pool, [{ open: 1, tickets: [host] }]);
    expect(joinsOf(pool, [ticketOf("duo", [1_000, 1_000])], [open])).toEqual([]);
    const [join] = joinsOf(pool, [guest, ticketOf("late", 1_000, { createdAt: 9 })], [open]);
    expect(join?.tickets.map(({ id }) => id)).toEqual(["guest"]);
  });

  it("only when it and all members accept each other", () => {
    const far = ticketOf("far", 1_100, { tries: 3 });
    const open = openMatch(pool, [{ open: 2, tickets: [host] }]);
    expect(joinsOf(pool, [far], [open])).toEqual([]);
    const patient = { ...host, tries: 3 };
    expect(joinsOf(pool, [far], [openMatch(pool, [{ open: 2, tickets: [patient] }])])).toHaveLength(1);
    // Each by its own tries: the other one has waited less.
    const both = [patient, ticketOf("host2", 1_000)];
    expect(joinsOf(pool, [far], [openMatch(pool, [{ open: 2, tickets: both }])])).toEqual([]);
    const slow = ticketOf("slow", 1_000, { pings: [120] });
    expect(joinsOf(pool, [slow], [open])).toEqual([]);
  });

  it("that widens while it waits for players", () => {
    const far = ticketOf("far", 1_100, { tries: 3 });
    const open = openMatch(pool, [{ open: 2, tickets: [host] }], { openedAt: 10_000 });
    expect(joinsOf(pool, [far], [open], 12_999)).toEqual([]);
    expect(joinsOf(pool, [far], [open], 13_000)).toHaveLength(1);
  });

  it("that goes on widening from what its members had waited, where criteria widen by time", () => {
    const queue = queueOf({
      ...{ teams: { count: 1, size: 4, minSize: 2 }, backfill: true, retryEveryMs: 1_000 },
      steps: [
        { afterMs: 0, eloSpread: 50 },
        { afterMs: 5_000, eloSpread: 200 },
      ],
    });
    const early = ["a", "b"].map((id) => ticketOf(id, 1_000, { createdAt: 10_000 }));
    const made = searchFor(queue, early, [], { now: 14_000 }).proposals[0];
    const open = openMatch(queue, [{ open: 2, tickets: made ? waitingOf(made) : [] }], { openedAt: 14_000 });
    const far = ticketOf("far", 1_100, { createdAt: 1_000 });
    expect(joinsOf(queue, [far], [open], 14_999)).toEqual([]);
    expect(joinsOf(queue, [far], [open], 15_000)).toHaveLength(1);
  });

  it("and widens from then on by itself, from its own tries", () => {
    const open = openMatch(pool, [{ open: 3, tickets: [{ ...host, tries: 9 }] }]);
    const [join] = joinsOf(pool, [guest], [open], 2_300);
    const joined = { ...open, teams: [{ name: "1", open: 2, tickets: [host, ...(join ? waitingOf(join) : [])] }] };
    const far = ticketOf("far", 1_100, { tries: 3 });
    // The host alone would have taken it in at 3,000, but the guest came at 2,300.
    expect(joinsOf(pool, [far], [joined], 5_299)).toEqual([]);
    expect(joinsOf(pool, [far], [joined], 5_300)).toHaveLength(1);
  });

  it("in which it makes the better match, and of equal ones the fuller", () => {
    const near = openMatch(pool, [{ open: 2, tickets: [ticketOf("near", 1_021)] }], { id: "near" });
    const far = openMatch(pool, [{ open: 1, tickets: [ticketOf("far", 990)] }], { id: "far" });
    const full = openMatch(pool, [{ open: 1, tickets: [ticketOf("near2", 1_021)] }], { id: "full" });
    expect(joinsOf(pool, [guest], [far, near]).map(({ id }) => id)).toEqual(["near"]);
    expect(joinsOf(pool, [guest], [near, full]).map(({ id }) => id)).toEqual(["full"]);
  });

  it("in the region where it is placed, or not at all", () => {
    const queue = queueOf({
      teams: { count: 1, size: 4, minSize: 2 },
      backfill: true,
      steps: [{ fromTry: 0, maxLatencyMs: 80 }],
    });
    const at = (id: string, latencyMs: Record<string, number>) => {
      const ticket = ticketOf(id, 1_000);
      return { ...ticket, players: ticket.players.map((player) => ({ ...player, latencyMs })) };
    };
    const open = openMatch(queue, [{ open: 2, tickets: [at("host", { eu: 20, us: 70 })] }], { region: "us" });
    expect(joinsOf(queue, [at("guest", { eu: 20, us: 100 })], [open])).toEqual([]);
    expect(joinsOf(queue, [at("guest", { eu: 20, us: 80 })], [open])[0]?.region).toBe("us");
  });

  it("in the role and the team that were lost", () => {
    const queue = queueOf({
      teams: [
        { name: "red", size: 2, roles: { tank: 1, healer: 1 } },
        { name: "blue", size: 2, roles: { tank: 1, healer: 1 } },
      ],
    });
    const as = (id: string, role: string, elo = 1_000, teams?: string[]) => {
      const ticket = ticketOf(id, elo, teams ? { teams } : {});
      return { ...ticket, players: ticket.players.map((player) => ({ ...player, roles: [role] })) };
    };
    const open = openMatch(queue, [
      { open: 1, tickets: [as("a", "tank")], roles: ["tank"] },
      { tickets: [as("b", "tank"), as("c", "healer")], roles: ["tank", "healer"] },
    ]);
    expect(joinsOf(queue, [as("tank", "tank")], [open])).toEqual([]);
    expect(joinsOf(queue, [as("fan", "healer", 1_000, ["blue"])], [open])).toEqual([]);
    const [join] = joinsOf(queue, [as("healer", "healer")], [open]);
    expect(join?.teams).toEqual([
      { name: "red", tickets: [0], roles: ["healer"] },
      { name: "blue", tickets: [] },
    ]);
  });
});

/** A match that was found, with some of its tickets gone again. */
const withSomeGone = (queue: Queue, tickets: WaitingTicket[], gone: readonly number[]): OpenMatch | undefined => {
  const [proposal] = searchFor(queue, tickets).proposals;
  if (!proposal) return undefined;
  const left = new Set(gone.map((index) => proposal.tickets[index % proposal.tickets.length]?.id));
  return openMatch(
    queue,
    teamsOf(proposal).map(({ players }) => {
      const ids = [...new Set(players.map(({ ticket }) => ticket))].filter((id) => !left.has(id));
      const stayed = players.filter(({ ticket }) => !left.has(ticket));
      return {
        open: players.length - stayed.length,
        tickets: tickets.filter(({ id }) => ids.includes(id)),
        roles: stayed.flatMap(({ role }) => (role === undefined ? [] : [role])),
      };
    }),
  );
};

it("keeps a match that was good good: places, roles, names, parties and sums hold with those who join", () => {
  let joins = 0;
  fc.assert(
    fc.property(
      anyTeamQueueWithRules,
      anyTeamTickets(16),
      anyTeamTickets(10),
      fc.array(fc.nat(9), { minLength: 1, maxLength: 3 }),
      (queue, first, later, gone) => {
        const open = withSomeGone(queue, first, gone);
        if (!open) return;
        const serve = later.map((ticket) => ({ ...ticket, id: `late-${ticket.id}` }));
        for (const join of joinsOf(queue, serve, [open])) {
          joins++;
          const seated = open.teams.flatMap(({ tickets }) => tickets);
          const newcomers = serve.filter(({ id }) => join.tickets.some((ticket) => ticket.id === id));
          const joiners = teamsOf(join);
          for (const [index, { players }] of joiners.entries()) {
            expect(players.length).toBeLessThanOrEqual(open.teams[index]?.open ?? 0);
          }
          const members = teamsOf({
            tickets: seated,
            teams: open.teams.map(({ name, tickets }) => ({
              name,
              tickets: tickets.map((one) => seated.indexOf(one)),
            })),
          });
          const teams = joiners.map((team, index) => ({
            ...team,
            players: [...(members[index]?.players ?? []), ...team.players],
          }));
          const faults = teamFaults(queue, teams, [...seated, ...newcomers]);
          // Roles of those who were there are counted, not named, in an open match; and it may stay short of players.
          expect(faults.filter((fault) => !/none|so few/.test(fault))).toEqual([]);
          for (const newcomer of newcomers) {
            for (const { elo, tries } of seated) {
              const spreads = [tries, newcomer.tries].map((each) => criteriaFor(queue, each).eloSpread);
              expect(Math.abs(elo - newcomer.elo)).toBeLessThanOrEqual(Math.min(...spreads));
            }
          }
        }
      },
    ),
    { numRuns: 600 },
  );
  expect(joins).toBeGreaterThan(50);
}, 30_000);
