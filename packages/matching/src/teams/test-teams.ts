import { type MatchTeam, PREMADE_LEVELS, type Queue, stepFor, type WaitingTicket } from "@muster/core";
import fc from "fast-check";
import { queueOf, ticketOf } from "../test-support.ts";

/** What the tests of team queues share: queues with every kind of team rule, and a second reading of those rules. */

type Steps = Queue["steps"];

const anyTeams: fc.Arbitrary<Queue["teams"]> = fc.oneof(
  fc
    .tuple(fc.integer({ min: 2, max: 3 }), fc.integer({ min: 1, max: 4 }), fc.nat(2))
    .map(([count, size, fewer]) => ({ count, size, minSize: Math.max(1, size - fewer) })),
  fc.constant<Queue["teams"]>({ count: 2, size: 3, roles: { tank: 1, healer: 1, dps: 1 } }),
  fc.constant<Queue["teams"]>({ count: 2, size: 3, minSize: 2, roles: { tank: 1, dps: 2 } }),
  fc.constant<Queue["teams"]>({ count: 2, size: 6, minSize: 5, roles: { tank: 2, healer: 2, dps: 2 } }),
  fc.constant<Queue["teams"]>([
    { name: "hunter", size: 1 },
    { name: "prey", size: 3, minSize: 2 },
  ]),
  fc.constant<Queue["teams"]>({ count: 1, size: 4, minSize: 2 }),
);

const anyTeamSteps = (teams: Queue["teams"]): fc.Arbitrary<Steps> =>
  fc
    .tuple(
      fc.nat(60),
      fc.nat(200),
      fc.subarray([...PREMADE_LEVELS]),
      fc.nat(2),
      fc.boolean(),
      fc.integer({ min: 1, max: 4 }),
    )
    .map(([eloSpread, wider, levels, openPlaces, autofill, fromTry]): Steps => {
      const withRoles = !Array.isArray(teams) && teams.roles !== undefined;
      const first = levels[0] === "any" ? undefined : levels[0];
      return [
        {
          fromTry: 0,
          eloSpread,
          openPlaces,
          ...(wider < 60 && { teamGap: wider / 2 }),
          ...(first && { premade: first }),
        },
        {
          fromTry,
          eloSpread: eloSpread + wider,
          openPlaces: openPlaces + 1,
          ...(wider < 60 && { teamGap: wider }),
          ...(first && { premade: levels.at(-1) ?? first }),
          ...(withRoles && { autofill }),
        },
      ];
    });

type Rules = NonNullable<Queue["rules"]>;

const anySum: fc.Arbitrary<Rules> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Rules>([]) },
  fc
    .record({
      max: fc.integer({ min: 4, max: 9 }),
      maxGap: fc.nat(3),
      order: fc.constantFrom("rising" as const, "falling" as const),
      missing: fc.constantFrom("accept" as const, "refuse" as const),
      untilTry: fc.integer({ min: 1, max: 6 }),
    })
    .chain(({ max, maxGap, order, missing, untilTry }) =>
      fc
        .constantFrom({ max }, { maxGap }, { order })
        .map((what): Rules => [{ kind: "teamSum" as const, attribute: "power", missing, untilTry, ...what }]),
    ),
);

export const anyTeamQueueWithRules: fc.Arbitrary<Queue> = anyTeams.chain((teams) =>
  fc
    .tuple(anyTeamSteps(teams), anySum, fc.nat(100), fc.boolean())
    .map(([steps, rules, premadeHandicapElo, backfill]) =>
      queueOf({ teams, steps, rules, premadeHandicapElo, backfill, maxPartySize: 3 }),
    ),
);

export const anyTeamTickets = (maxLength = 24): fc.Arbitrary<WaitingTicket[]> => {
  const anyPlayer = fc.record({
    elo: fc.nat(80),
    roles: fc.option(fc.shuffledSubarray(["tank", "healer", "dps"], { minLength: 1 }), { nil: undefined }),
    power: fc.option(fc.nat(3), { nil: undefined, freq: 6 }),
  });
  const anyTicket = fc.record({
    players: fc.oneof(
      { weight: 3, arbitrary: fc.array(anyPlayer, { minLength: 1, maxLength: 1 }) },
      fc.array(anyPlayer, { minLength: 2, maxLength: 3 }),
    ),
    tries: fc.nat(8),
    createdAt: fc.nat(5),
    teams: fc.option(fc.constantFrom<string[]>(["hunter"], ["prey"], ["hunter", "prey"]), { nil: undefined, freq: 2 }),
  });
  return fc.tuple(fc.array(anyTicket, { maxLength, size: "max" }), fc.boolean()).map(([list, named]) =>
    list.map(({ players, tries, createdAt, teams }, index) => {
      const ticket = ticketOf(
        `t${index}`,
        players.map(({ elo }) => elo),
        { tries, createdAt, ...(named && teams && { teams }) },
      );
      const withWishes = ticket.players.map((player, place) => {
        const { roles, power } = players[place] ?? {};
        return { ...player, ...(roles && { roles }), ...(power !== undefined && { attributes: { power } }) };
      });
      return { ...ticket, players: withWishes };
    }),
  );
};

/** What is wrong with the teams of a whole match, by the queue's definition and each ticket's own step; empty: nothing. */
export const teamFaults = (queue: Queue, teams: readonly MatchTeam[], tickets: readonly WaitingTicket[]): string[] => {
  const faults: string[] = [];
  const byId = new Map(tickets.map((ticket) => [ticket.id, ticket]));
  for (const [index, { name, players }] of teams.entries()) {
    const shape = queue.teamShapes[index];
    if (name !== shape?.name) faults.push(`team ${index} is named ${name}`);
    if (players.length > (shape?.max ?? 0)) faults.push(`${name} holds too many`);
    for (const ticket of tickets) {
      const here = players.filter((player) => player.ticket === ticket.id).length;
      if (here !== 0 && here !== ticket.players.length) faults.push(`${ticket.id} is split`);
      if (here > 0 && ticket.teams && !ticket.teams.includes(name)) faults.push(`${ticket.id} is in ${name}`);
    }
    if (!shape?.roles) continue;
    for (const [role, places] of Object.entries(shape.roles)) {
      if (players.filter((player) => player.role === role).length > places) faults.push(`${name} has too many ${role}`);
    }
    for (const { id, role = "none", ticket } of players) {
      const from = byId.get(ticket);
      const listed = from?.players.find((player) => player.id === id)?.roles;
      if (!(role in shape.roles)) faults.push(`${id} is ${role}`);
      if (listed && !listed.includes(role) && !(from && stepFor(queue, from.tries).autofill)) {
        faults.push(`${id} didn't list ${role}`);
      }
    }
  }
  const shapes = teams.map(({ players }) => partySizesOf(players.map(({ ticket }) => ticket)));
  const gap = teams.every(({ players }) => players.length > 0) ? strengthGapBetween(queue, teams, shapes) : 0;
  for (const ticket of tickets) {
    const { premade = "any", openPlaces = Infinity, teamGap = Infinity } = stepFor(queue, ticket.tries);
    if (gap > teamGap) faults.push(`${ticket.id} refuses so uneven teams`);
    if (unlikeness(queue, shapes) > PREMADE_LEVELS.indexOf(premade)) faults.push(`${ticket.id} refuses the parties`);
    for (const [index, { players, name }] of teams.entries()) {
      const { min, max } = queue.teamShapes[index] ?? { min: 0, max: 0 };
      if (players.length < Math.max(min, max - openPlaces)) faults.push(`${ticket.id} refuses so few in ${name}`);
    }
    for (const rule of queue.rules ?? []) {
      if (rule.kind !== "teamSum" || ticket.tries >= (rule.untilTry ?? Infinity)) continue;
      const powers = tickets.flatMap(({ players }) => players.map(({ attributes }) => attributes?.power));
      if (rule.missing === "refuse" && powers.includes(undefined)) faults.push("somebody has no power");
      const sums = teams.map(({ players }) =>
        players.reduce((sum, { id, ticket }) => {
          const power = byId.get(ticket)?.players.find((player) => player.id === id)?.attributes?.power;
          return sum + (typeof power === "number" ? power : 0);
        }, 0),
      );
      const steps = sums.slice(1).map((sum, index) => sum - (sums[index] ?? 0));
      if (sums.some((sum) => sum > (rule.max ?? Infinity))) faults.push("a sum is too high");
      if (Math.max(...sums) - Math.min(...sums) > (rule.maxGap ?? Infinity)) faults.push("sums are too far apart");
      if (rule.order === "rising" && steps.some((step) => step < 0)) faults.push("sums fall");
      if (rule.order === "falling" && steps.some((step) => step > 0)) faults.push("sums rise");
    }
  }
  return faults;
};

/** Largest difference of mean elo; a full party against solo players counts as stronger by the queue's handicap. */
const strengthGapBetween = (
  queue: Queue,
  teams: readonly MatchTeam[],
  sizes: readonly (readonly number[])[],
): number => {
  const { teamShapes, premadeHandicapElo = 0 } = queue;
  const strengths = teams.map(({ players }, index) => {
    const places = teamShapes[index]?.max ?? 0;
    const meetsSolos = sizes.some(
      (other, at) => at !== index && teamShapes[at]?.max === places && other.every((size) => size === 1),
    );
    const handicap = places > 1 && sizes[index]?.[0] === places && meetsSolos ? premadeHandicapElo : 0;
    return players.reduce((sum, { elo }) => sum + elo, 0) / players.length + handicap;
  });
  return Math.max(...strengths) - Math.min(...strengths);
};

const partySizesOf = (tickets: readonly string[]): number[] =>
  [...new Set(tickets)].map((id) => tickets.filter((each) => each === id).length).sort((a, b) => b - a);

/** 0 like, 1 near, 2 mixed, 3 solo players against a full party; the worst of any two teams with equal places. */
const unlikeness = ({ teamShapes }: Queue, teams: readonly (readonly number[])[]): number =>
  Math.max(
    0,
    ...teams.flatMap((a, index) =>
      teams.slice(index + 1).map((b, later) => {
        const places = teamShapes[index]?.max ?? 0;
        if (places !== teamShapes[index + 1 + later]?.max) return 0;
        const isSolo = (team: readonly number[]) => team.every((size) => size === 1);
        if ((isSolo(a) && isSolo(b)) || a.join() === b.join()) return 0;
        const isFull = (team: readonly number[]) => places > 1 && team[0] === places;
        if ((isFull(a) && isSolo(b)) || (isFull(b) && isSolo(a))) return 3;
        const length = Math.max(a.length, b.length);
        const apart = Array.from({ length }, (_, place) => Math.abs((a[place] ?? 0) - (b[place] ?? 0)));
        return Math.max(...apart) <= 1 ? 1 : 2;
      }),
    ),
  );
