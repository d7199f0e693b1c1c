import { type Queue, toQueue } from "@muster/core";
import { expect, it } from "vitest";
import { seededRandom } from "../load/seeded-random.ts";
import { type Arrival, drawArrivals, halvingWeights } from "./arrivals.ts";
import { measure } from "./measure.ts";
import { simulate } from "./simulate.ts";
import { sampleDefinition, samplePeople, sampleQueue } from "./testing/sample.ts";
import { withWishes } from "./wishes.ts";

const people = samplePeople(3_000);
const [person] = people;
const comes = (atMs: number, elo: number): Arrival => {
  if (!person) throw new Error("no people");
  return { atMs, members: [{ ...person, id: `p${atMs}`, elo }] };
};
const run = (queue: Queue, arrivals: readonly Arrival[], forMs = 60_000, matchForMs = 20_000) => {
  const simulation = simulate({ queue, arrivals, forMs, gatherMs: 5, commitMs: 5, matchForMs });
  return { ...simulation, figures: measure({ ...simulation, queue, forMs, matchForMs }) };
};

const pool = toQueue("pool", {
  ...sampleDefinition(),
  ...{ teams: { count: 1, size: 4, minSize: 2 }, backfill: true, steps: [{ fromTry: 0, eloSpread: 100 }] },
});

it("fills a match that began with open places, until it is full", () => {
  const { matches, figures } = run(pool, [
    ...[comes(0, 1_000), comes(1, 1_010)],
    ...[comes(2_000, 1_020), comes(3_000, 1_400), comes(5_000, 1_030), comes(6_000, 1_000)],
  ]);
  expect(
    matches.map(({ teams }) =>
      teams
        .flat()
        .map(({ elo }) => elo)
        .sort(),
    ),
  ).toEqual([[1_000, 1_010, 1_020, 1_030]]);
  expect(matches[0]).toMatchObject({ atMs: 10, beganWith: 2, fullAtMs: 5_010 });
  expect(figures.matchPlayers).toEqual([
    { players: 2, began: 1, byTheEnd: 0 },
    { players: 4, began: 0, byTheEnd: 1 },
  ]);
  expect(figures.fill).toEqual({ filledShare: 1, fillMs: { p50: 5_000, p90: 5_000 } });
});

it("lets nobody join a match that is over", () => {
  const { matches, figures } = run(pool, [comes(0, 1_000), comes(1, 1_010), comes(21_000, 1_020)]);
  expect(matches.map(({ teams }) => teams.flat().length)).toEqual([2]);
  expect(figures).toMatchObject({ teamGap: { mean: null }, premadeUnequalShare: null, premadeLevels: null });
  expect(figures.fill).toEqual({ filledShare: 0, fillMs: { p50: 20_000, p90: 20_000 } });
});

it("widens by the time waited where the queue does", () => {
  const byTime = toQueue("byTime", {
    ...sampleDefinition(),
    steps: [
      { afterMs: 0, eloSpread: 40 },
      { afterMs: 2_500, eloSpread: 200 },
    ],
  });
  const { matches } = run(byTime, [comes(100, 1_000), comes(200, 1_100)]);
  // Both have waited long enough from 2,700 ms on; the next search of one of them is at 3,105 ms.
  expect(matches.map(({ atMs }) => atMs)).toEqual([3_110]);
});

it("gives each player a role that it listed, before autofill, and counts who didn't get the first", () => {
  const queue = toQueue("raid", {
    ...sampleDefinition(),
    teams: { count: 2, size: 3, roles: { tank: 1, dps: 2 } },
    ...{ maxPartySize: 2, steps: [{ fromTry: 0 }, { fromTry: 4, autofill: true }] },
  });
  const { list } = drawArrivals({
    ...{ people, ratePerS: 10, forMs: 60_000, startHour: null, busyMs: 100_000 },
    ...{ partyWeights: halvingWeights(2), random: seededRandom(4) },
  });
  const arrivals = withWishes(queue, list, { roles: { tank: 1, dps: 9 }, teams: {} }, seededRandom(4));
  const { matches, figures } = run(queue, arrivals);
  expect(matches.length).toBeGreaterThan(20);
  for (const { teams, roles } of matches) {
    for (const team of teams) {
      const given = team.flatMap(({ members }) => members.map(({ id }) => roles.get(id)));
      expect(given.sort()).toEqual(["dps", "dps", "tank"]);
    }
  }
  const { firstChoiceShare, autofilledShare } = figures.roles ?? {};
  expect(firstChoiceShare).toBeGreaterThan(0.6);
  expect(autofilledShare).toBeGreaterThan(0);
  expect((firstChoiceShare ?? 0) + (autofilledShare ?? 0)).toBeLessThanOrEqual(1);
});

it("puts nobody into a team that wasn't asked for", () => {
  const queue = toQueue("hunt", {
    ...sampleDefinition(),
    teams: [
      { name: "hunter", size: 1 },
      { name: "prey", size: 3 },
    ],
  });
  const { list } = drawArrivals({
    ...{ people, ratePerS: 5, forMs: 60_000, startHour: null, busyMs: 100_000 },
    ...{ partyWeights: [1], random: seededRandom(4) },
  });
  const wishes = withWishes(queue, list, { roles: {}, teams: { any: 1, hunter: 1, prey: 3 } }, seededRandom(4));
  const asked = new Map(wishes.flatMap(({ members, teams }) => members.map(({ id }) => [id, teams?.[0]] as const)));
  const { matches } = run(queue, wishes);
  expect(matches.length).toBeGreaterThan(20);
  for (const { teams } of matches) {
    for (const [index, name] of ["hunter", "prey"].entries()) {
      for (const { members } of teams[index] ?? []) {
        for (const { id } of members) expect([undefined, name]).toContain(asked.get(id));
      }
    }
  }
});

it("finds out who was overtaken", () => {
  // The oldest of three would do as well, but two others are closer.
  const { figures } = run(sampleQueue(), [comes(0, 1_000), comes(1_200, 1_030), comes(1_201, 1_031)], 1_500);
  expect(figures.overtakes).toEqual({ share: 1, sampled: 1 });
  const { figures: fair } = run(sampleQueue(), [comes(0, 1_000), comes(10, 1_000)], 1_500);
  expect(fair.overtakes).toEqual({ share: 0, sampled: 1 });
});
