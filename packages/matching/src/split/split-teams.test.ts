import { type Queue, usesRoles, type WaitingPlayer, type WaitingTicket } from "@muster/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { criteriaFor } from "../criteria.ts";
import { splitCost } from "../quality.ts";
import { queueOf, ticketOf } from "../test-support.ts";
import { splitTeams } from "./split-teams.ts";

/** The split of tickets in a queue of teams that are alike, with no other limits than the changes say. */
const split = (
  [count, size]: readonly [number, number],
  tickets: readonly WaitingTicket[],
  changes: Parameters<typeof queueOf>[0] = {},
) => {
  const queue = queueOf({ teams: { count, size }, maxPartySize: size, ...changes });
  const found = splitTeams(
    queue,
    tickets.map((ticket) => ({ ticket, criteria: criteriaFor(queue, ticket.tries) })),
  );
  return found && { ...found, teams: found.teams.map(({ tickets }) => tickets) };
};

const solos = (...elos: number[]): WaitingTicket[] => elos.map((elo, index) => ticketOf(`t${index}`, elo));
const elosOf = (teams: readonly (readonly WaitingTicket[])[] = []): number[][] =>
  teams.map((team) => team.flatMap(({ players }) => players.map(({ elo }) => elo)).sort((a, b) => b - a));
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
const range = (numbers: readonly number[]): number => Math.max(...numbers) - Math.min(...numbers);

/** Every way to put the tickets into teams, teams in any order: slow, and written apart from the code it checks. */
const allSplits = (tickets: readonly WaitingTicket[], count: number, size: number): WaitingTicket[][][] => {
  const splits: WaitingTicket[][][] = [];
  for (let code = 0; code < count ** tickets.length; code++) {
    const teams: WaitingTicket[][] = Array.from({ length: count }, () => []);
    for (const [index, ticket] of tickets.entries()) teams[Math.floor(code / count ** index) % count]?.push(ticket);
    if (elosOf(teams).every((team) => team.length === size)) splits.push(teams);
  }
  return splits;
};

const bestOfAll = (tickets: readonly WaitingTicket[], count: number, size: number) => {
  const rated = allSplits(tickets, count, size).map(elosOf);
  const gap = Math.min(...rated.map((teams) => range(teams.map(mean))));
  const tied = rated.filter((teams) => range(teams.map(mean)) <= gap + 1e-9);
  return { gap, gapOfBest: Math.min(...tied.map((teams) => range(teams.map((team) => team[0] ?? 0)))) };
};

/** Every way to fill the teams of a queue that the tickets' names allow. */
const allFillings = (
  { teamShapes }: Pick<Queue, "teamShapes">,
  [ticket, ...others]: readonly WaitingTicket[],
  teams: WaitingTicket[][],
): WaitingTicket[][][] => {
  if (!ticket) return teamShapes.every(({ max }, team) => sizeOf(teams[team]) === max) ? [teams] : [];
  return teamShapes.flatMap(({ name, max }, team) => {
    if (sizeOf(teams[team]) + ticket.players.length > max || ticket.teams?.includes(name) === false) return [];
    return allFillings({ teamShapes }, others, teams.with(team, [...(teams[team] ?? []), ticket]));
  });
};
const sizeOf = (team: readonly WaitingTicket[] = []) => team.flatMap(({ players }) => players).length;

/** The lowest cost of all allowed splits of a queue with unequal teams, roles or a handicap; undefined: none is allowed. */
const bestCost = (queue: Queue, tickets: readonly WaitingTicket[]): number | undefined => {
  const { teamShapes, premadeHandicapElo = 0 } = queue;
  const empty = teamShapes.map((): WaitingTicket[] => []);
  const costs = allFillings(queue, tickets, empty).map((teams) => {
    const players = teams.map((team) => team.flatMap(({ players }) => players));
    const strengths = teams.map((team, index) => {
      const places = teamShapes[index]?.max;
      const isFull = team.length === 1 && (team[0]?.players.length ?? 0) > 1;
      const areSolos = (others: readonly WaitingTicket[]) => others.every(({ players }) => players.length === 1);
      const meetsSolos = teams.some((others, at) => at !== index && teamShapes[at]?.max === places && areSolos(others));
      return mean((players[index] ?? []).map(({ elo }) => elo)) + (isFull && meetsSolos ? premadeHandicapElo : 0);
    });
    const faults = teamShapes.map(({ roles = {} }, index) => {
      const places = Object.entries(roles).flatMap(([role, count]) => new Array<string>(count).fill(role));
      return places.length > 0 ? leastFaults(players[index] ?? [], places) : 0;
    });
    return splitCost(range(strengths), faults.reduce((sum, each) => sum + each, 0) / players.flat().length);
  });
  const best = Math.min(...costs);
  return best < Infinity ? best : undefined;
};

/** By trying all orders of the places, for players who list one or two roles or none; Infinity: somebody gets none. */
const leastFaults = ([player, ...others]: readonly WaitingPlayer[], places: readonly string[]): number => {
  if (!player) return 0;
  let least = Infinity;
  for (const [index, role] of places.entries()) {
    const rank = player.roles ? player.roles.indexOf(role) : 0;
    if (rank < 0) continue;
    least = Math.min(least, rank / 2 + leastFaults(others, places.toSpliced(index, 1)));
  }
  return least;
};

describe("splitting a match into teams", () => {
  it("finds the even split", () => {
    const found = split([2, 2], solos(1000, 1100, 1200, 1300));
    expect(elosOf(found?.teams)).toEqual([
      [1300, 1000],
      [1200, 1100],
    ]);
    expect(found?.eloGap).toBe(0);
  });

  it("puts the strongest players of the teams near each other when gaps tie", () => {
    // 10+9+0+0 against 5+5+5+4 is as even.
    const found = split([2, 4], solos(10, 9, 5, 5, 5, 4, 0, 0));
    expect(elosOf(found?.teams)).toEqual([
      [10, 5, 4, 0],
      [9, 5, 5, 0],
    ]);
  });

  it("keeps parties whole, at the cost of the gap", () => {
    const tickets = [ticketOf("strong", [1500, 1500]), ticketOf("a", 1000), ticketOf("b", 1000)];
    const found = split([2, 2], tickets);
    expect(found?.eloGap).toBe(500);
    expect(elosOf(found?.teams)).toEqual([
      [1500, 1500],
      [1000, 1000],
    ]);
  });

  it("answers undefined when the tickets can't fill the teams", () => {
    const parties = [ticketOf("a", [1, 2, 3]), ticketOf("b", [1, 2, 3]), ticketOf("c", [1, 2, 3, 4])];
    expect(split([2, 5], parties)).toBeUndefined();
    expect(split([2, 2], solos(1, 2, 3))).toBeUndefined();
    expect(
      split(
        [4, 4],
        Array.from({ length: 5 }, (_, n) => ticketOf(`${n}`, [1, 2, 3])),
      ),
    ).toBe(undefined);
  });

  it("is optimal for up to ten solo players in two teams", () => {
    const teamOf = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(teamOf, fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 10, maxLength: 10 }), (size, elos) => {
        const tickets = solos(...elos.slice(0, 2 * size));
        const found = split([2, size], tickets);
        const best = bestOfAll(tickets, 2, size);
        expect(found?.eloGap).toBeCloseTo(best.gap, 9);
        expect(range(elosOf(found?.teams).map((team) => team[0] ?? 0))).toBe(best.gapOfBest);
      }),
      { numRuns: 60 },
    );
  });

  it("is optimal for parties and several teams of up to ten players", () => {
    const shapes = fc.constantFrom<[number, number, number[]]>(
      [2, 5, [3, 2, 2, 1, 1, 1]],
      [2, 5, [4, 3, 2, 1]],
      [2, 4, [2, 2, 2, 1, 1]],
      [3, 2, [2, 1, 1, 1, 1]],
      [3, 3, [2, 2, 1, 1, 1, 1, 1]],
      [4, 2, [1, 1, 1, 1, 1, 1, 1, 1]],
    );
    const elos = fc.array(fc.double({ min: 0, max: 2000, noNaN: true }), { minLength: 10, maxLength: 10 });
    fc.assert(
      fc.property(shapes, elos, ([count, size, sizes], pool) => {
        const startOf = (index: number) => sizes.slice(0, index).reduce((sum, players) => sum + players, 0);
        const tickets = sizes.map((_, n) => ticketOf(`t${n}`, pool.slice(startOf(n), startOf(n + 1))));
        expect(split([count, size], tickets)?.eloGap).toBeCloseTo(bestOfAll(tickets, count, size).gap, 6);
      }),
      { numRuns: 40 },
    );
  }, 30_000);

  it("is optimal for unequal teams by name, with roles and the handicap of a full party", () => {
    const roles = { tank: 1, dps: 2 };
    const shapes = fc.constantFrom<[Queue["teams"], number[]]>(
      [{ count: 2, size: 4 }, [4, 2, 1, 1]],
      [{ count: 2, size: 3 }, [3, 1, 1, 1]],
      [{ count: 2, size: 3, roles }, [2, 1, 1, 1, 1]],
      [["red", "blue"].map((name) => ({ name, size: 3, roles })), [1, 1, 1, 1, 2]],
      [
        [
          { name: "hunter", size: 1 },
          { name: "prey", size: 4 },
        ],
        [2, 1, 1, 1],
      ],
      [["a", "b", "c"].map((name, index) => ({ name, size: index + 1 })), [2, 1, 1, 1, 1]],
      [["a", "b", "c", "d"].map((name) => ({ name, size: 2 })), [2, 1, 1, 1, 1, 1, 1]],
    );
    const anyPlayer = fc.record({
      elo: fc.integer({ min: 0, max: 400 }),
      roles: fc.option(fc.shuffledSubarray(["tank", "dps"], { minLength: 1 }), { nil: undefined }),
      team: fc.nat(9),
    });
    let found = 0;
    fc.assert(
      fc.property(
        shapes,
        fc.array(anyPlayer, { minLength: 8, maxLength: 8 }),
        fc.constantFrom(0, 150),
        ([teams, sizes], pool, premadeHandicapElo) => {
          const queue = queueOf({ teams, maxPartySize: 4, premadeHandicapElo });
          const players = [...pool];
          const tickets = sizes.map((size, index) => {
            const members = players.splice(0, size);
            const ticket = ticketOf(
              `t${index}`,
              members.map(({ elo }) => elo),
            );
            const name = queue.teamShapes[members[0]?.team ?? 9]?.name;
            return {
              ...ticket,
              players: ticket.players.map((player, place) => {
                const wishes = usesRoles(queue) ? members[place]?.roles : undefined;
                return wishes ? { ...player, roles: wishes } : player;
              }),
              ...(Array.isArray(teams) && name !== undefined && size === 1 && { teams: [name] }),
            };
          });
          const best = bestCost(queue, tickets);
          const result = split([2, 2], tickets, { teams, maxPartySize: 4, premadeHandicapElo });
          if (best === undefined) {
            expect(result).toBeUndefined();
            return;
          }
          found++;
          expect(result && splitCost(result.strengthGap, result.roleFault)).toBeCloseTo(best, 9);
        },
      ),
      { numRuns: 200 },
    );
    expect(found).toBeGreaterThan(100);
  }, 30_000);

  it("is the same for the same tickets in another order", () => {
    const ten = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 10, maxLength: 10 });
    const twenty = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(fc.oneof(ten, twenty), fc.infiniteStream(fc.nat()), (elos, order) => {
        const tickets = solos(...elos);
        const shuffled = tickets.map((ticket) => ({ ticket, key: order.next().value })).sort((a, b) => a.key - b.key);
        const teams = [2, elos.length / 2] as const;
        expect(split(teams, tickets)).toEqual(
          split(
            teams,
            shuffled.map(({ ticket }) => ticket),
          ),
        );
      }),
    );
  });

  it.each([
    [2, 50],
    [20, 5],
    [10, 10],
  ])("is near even for %i teams of %i players", (count, size) => {
    // From 500 to 1,500, denser below, as a ladder is.
    const elos = Array.from(
      { length: count * size },
      (_, index) => 500 + 1000 * ((index + 0.5) / (count * size)) ** 1.5,
    );
    const found = split([count, size], solos(...elos));
    expect(elosOf(found?.teams).map((team) => team.length)).toEqual(new Array(count).fill(size));
    expect(found?.eloGap).toBeLessThan(10);
  });

  it("packs the parties of a large match even when a draft would strand one", () => {
    // Evenly drafted, each team would hold 3 + 2, and the last two could join neither.
    const sizes = [3, 3, 2, 2, 2];
    const tickets = sizes.map((players, index) => ticketOf(`t${index}`, new Array<number>(players).fill(1000 - index)));
    const found = split([2, 6], tickets);
    expect(elosOf(found?.teams).map((team) => team.length)).toEqual([6, 6]);
  });
});

/** Tickets that can be split, for they were put into these teams before: parties of up to three, who list their role too. */
const anyPlanted = (
  teams: readonly Record<string, number>[],
  { named = false } = {},
): fc.Arbitrary<readonly WaitingTicket[]> =>
  fc
    .tuple(fc.infiniteStream(fc.integer({ min: 1, max: 3 })), fc.infiniteStream(fc.nat(7)), fc.infiniteStream(fc.nat()))
    .map(([sizes, others, order]) => {
      const all = [...new Set(teams.flatMap((roles) => Object.keys(roles)))];
      const tickets: WaitingTicket[] = [];
      for (const [index, roles] of teams.entries()) {
        const places = Object.entries(roles).flatMap(([role, count]) => new Array<string>(count).fill(role));
        const drawn = places.map((role) => ({ role, key: order.next().value })).sort((a, b) => a.key - b.key);
        while (drawn.length > 0) {
          const members = drawn.splice(0, sizes.next().value);
          const ticket = ticketOf(
            `t${tickets.length}`,
            members.map(() => order.next().value % 1_000),
          );
          const wishes = members.map(({ role }) =>
            all.filter((each, place) => each === role || (others.next().value >> place) % 2 === 1),
          );
          tickets.push({
            ...ticket,
            players: ticket.players.map((player, place) => ({ ...player, roles: wishes[place] ?? [] })),
            ...(named && others.next().value < 3 && { teams: [String(index + 1)] }),
          });
        }
      }
      return tickets.map((ticket) => ({ ticket, key: order.next().value })).sort((a, b) => a.key - b.key);
    })
    .map((drawn) => drawn.map(({ ticket }) => ticket));

describe("splitting a match of more than ten players with roles", () => {
  const six = { tank: 2, dps: 2, healer: 2 };

  it("gives a party roles that one team has, whatever roles its players would take elsewhere", () => {
    const as = (id: string, size: number, roles: string[]) => {
      const ticket = ticketOf(id, new Array<number>(size).fill(1_000));
      return { ...ticket, players: ticket.players.map((player) => ({ ...player, roles })) };
    };
    const tickets = [
      as("trio", 3, ["tank", "dps"]),
      ...["a", "b", "c", "d", "e"].map((id) => as(id, 1, ["dps", "tank"])),
      ...["f", "g", "h", "i"].map((id) => as(id, 1, ["healer"])),
    ];
    expect(split([2, 6], tickets, { teams: { count: 2, size: 6, roles: six } })?.teams).toHaveLength(2);
  });

  it.each([
    ["two teams of six", [six, six]],
    ["four teams of three", new Array(4).fill({ tank: 1, healer: 1, dps: 1 })],
    [
      "teams that differ",
      [
        { tank: 3, dps: 3 },
        { healer: 2, dps: 2 },
        { tank: 1, healer: 3 },
      ],
    ],
  ])(
    "finds teams wherever there are some: %s",
    (_, teams: Record<string, number>[]) => {
      const shapes = teams.map((roles, index) => ({
        ...{ name: String(index + 1), roles },
        size: Object.values(roles).reduce((sum, places) => sum + places, 0),
      }));
      for (const named of [false, true]) {
        fc.assert(
          fc.property(anyPlanted(teams, { named }), (tickets) => {
            expect(split([2, 6], tickets, { teams: shapes, maxPartySize: 3 })).toBeDefined();
          }),
          { numRuns: 80 },
        );
      }
    },
    30_000,
  );
});
