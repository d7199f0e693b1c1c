import { expect, it } from "vitest";
import { seededRandom } from "../load/seeded-random.ts";
import { drawArrivals, halvingWeights } from "./arrivals.ts";
import { arrivalTimes, balancedStartHour, dayCurve } from "./arrivals-day.ts";
import { samplePeople } from "./testing/sample.ts";

const HOUR_MS = 3_600_000;

it("is busiest at 20:00 and quietest at 8:00", () => {
  expect(dayCurve(20)).toBeCloseTo(1.4);
  expect(dayCurve(8)).toBeCloseTo(0.6);
  expect(dayCurve(14)).toBeCloseTo(1);
});

it("arrives at the mean rate over a day, more in the evening, and evenly without hours", () => {
  const times = (startHour: number | null) => [
    ...arrivalTimes({ ratePerS: 0.5, forMs: 24 * HOUR_MS, startHour, random: seededRandom(3) }),
  ];
  const day = times(0);
  expect(Math.abs(day.length - 43_200)).toBeLessThan(4 * Math.sqrt(43_200));
  const between = (list: number[], from: number, to: number) =>
    list.filter((atMs) => atMs >= from * HOUR_MS && atMs < to * HOUR_MS).length;
  expect(between(day, 19, 21) / between(day, 7, 9)).toBeCloseTo(1.4 / 0.6, 0);
  const flat = times(null);
  expect(between(flat, 19, 21) / between(flat, 7, 9)).toBeCloseTo(1, 0);
  expect(day).toEqual(day.toSorted((a, b) => a - b));
});

it("begins by default so that the run has the mean rate", () => {
  expect(balancedStartHour(2 * HOUR_MS)).toBe(13);
  expect(balancedStartHour(36 * HOUR_MS)).toBe(20);
});

const draw = (people: number, maxParty: number) =>
  drawArrivals({
    people: samplePeople(people),
    ...{ ratePerS: 5, forMs: 100_000, startHour: null, busyMs: 20_000, random: seededRandom(5) },
    partyWeights: halvingWeights(maxParty),
  });

it("brings nobody again while busy, and copies of people only when nobody is idle", () => {
  const last = new Map<string, number>();
  const { list, copies } = draw(200, 1);
  expect(copies).toBe(0);
  for (const { atMs, members } of list) {
    for (const { id } of members) {
      expect(atMs - (last.get(id) ?? -Infinity)).toBeGreaterThanOrEqual(20_000);
      last.set(id, atMs);
    }
  }
  expect(last.size).toBeLessThanOrEqual(200);
  expect(draw(20, 1).copies).toBeGreaterThan(0);
});

it("draws parties by weight, of players near in elo, and keeps the rate in players", () => {
  const { list } = draw(4_000, 3);
  const sizes = list.map(({ members }) => members.length);
  const players = sizes.reduce((sum, size) => sum + size, 0);
  expect(Math.abs(players - 500)).toBeLessThan(5 * Math.sqrt(500 * 2));
  expect(new Set(sizes)).toEqual(new Set([1, 2, 3]));
  const solos = sizes.filter((size) => size === 1).length;
  expect(solos / sizes.length).toBeCloseTo(4 / 7, 0);
  const gaps = list.flatMap(({ members: [first, ...others] }) =>
    others.map(({ elo }) => Math.abs(elo - (first?.elo ?? 0))),
  );
  // Two people drawn at random are 333 apart in the mean.
  expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeLessThan(100);
});
