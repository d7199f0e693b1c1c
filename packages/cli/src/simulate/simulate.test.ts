import { describe, expect, it } from "vitest";
import { seededRandom } from "../load/seeded-random.ts";
import { drawArrivals, halvingWeights } from "./arrivals.ts";
import { simulate } from "./simulate.ts";
import { samplePeople, sampleQueue } from "./testing/sample.ts";

const run = ({ seed = 1, teamSize = 1, maxPartySize = 1, ratePerS = 3, people = 3_000, maxWaiting = 1_000 } = {}) => {
  const queue = { ...sampleQueue(teamSize, maxPartySize), maxWaiting };
  const forMs = 120_000;
  const { list: arrivals } = drawArrivals({
    ...{ people: samplePeople(people), ratePerS, forMs, startHour: null, random: seededRandom(seed) },
    busyMs: queue.expireAfterMs + queue.matchLengthMs,
    partyWeights: halvingWeights(maxPartySize),
  });
  return {
    queue,
    forMs,
    arrivals,
    ...simulate({ queue, arrivals, forMs, gatherMs: 5, commitMs: 5, matchForMs: 60_000 }),
  };
};

const shapes = [
  { name: "1 against 1", teamSize: 1, maxPartySize: 1, ratePerS: 3 },
  { name: "1 against 1 with few people", teamSize: 1, maxPartySize: 1, ratePerS: 3, people: 60 },
  { name: "3 against 3 with parties", teamSize: 3, maxPartySize: 3, ratePerS: 10 },
];

describe.each(shapes)("$name", (shape) => {
  it("accounts for every arrival", () => {
    const { arrivals, lives, matches, refused } = run(shape);
    expect(lives.length + refused).toBe(arrivals.length);
    const count = (outcome: string) => lives.filter((life) => life.outcome === outcome).length;
    expect(count("matched") + count("expired") + count("waiting")).toBe(lives.length);
    expect(count("matched")).toBe(matches.flatMap(({ teams }) => teams.flat()).length);
    expect(count("matched")).toBeGreaterThan(lives.length / 2);
  });

  it("fills each team, and takes each ticket once", () => {
    const { queue, matches } = run(shape);
    const seen = new Set(matches.flatMap(({ teams }) => teams.flat()));
    expect(seen.size).toBe(matches.flatMap(({ teams }) => teams.flat()).length);
    for (const { teams } of matches) {
      expect(teams).toHaveLength(2);
      for (const team of teams)
        expect(team.flatMap(({ members }) => members)).toHaveLength(queue.teamShapes[0]?.max ?? 0);
    }
  });

  it("has nobody in two things at once", () => {
    const { queue, lives } = run(shape);
    const busyUntil = new Map<string, number>();
    for (const life of lives) {
      for (const { id } of life.members) {
        expect(life.arrivedAtMs).toBeGreaterThanOrEqual(busyUntil.get(id) ?? 0);
        const playsMs = life.outcome === "matched" ? queue.matchLengthMs : 0;
        busyUntil.set(id, life.endedAtMs + playsMs);
      }
    }
  });

  it("gives the same run again from the same seed, another from another", () => {
    expect(run(shape)).toEqual(run(shape));
    expect(run({ ...shape, seed: 2 }).matches).not.toEqual(run(shape).matches);
  });
});

it("matches after the gather window and the commit at the earliest, and expires at the deadline", () => {
  const { queue, lives, forMs } = run({ ratePerS: 0.5 });
  const waits = (outcome: string) =>
    lives.filter((life) => life.outcome === outcome).map(({ arrivedAtMs, endedAtMs }) => endedAtMs - arrivedAtMs);
  expect(Math.min(...waits("matched"))).toBeGreaterThanOrEqual(5);
  expect(Math.max(...waits("matched"))).toBeLessThanOrEqual(queue.expireAfterMs + 5);
  expect(waits("expired").length).toBeGreaterThan(0);
  // The sweep takes what is due every 20 ms.
  for (const wait of waits("expired")) expect(Math.abs(wait - queue.expireAfterMs - 10)).toBeLessThanOrEqual(10.001);
  for (const { outcome, endedAtMs } of lives) if (outcome === "waiting") expect(endedAtMs).toBe(forMs);
});

it("widens with the tries: whoever is alone in its first spread is matched later", () => {
  const queue = sampleQueue();
  const [ann, bob] = samplePeople(2);
  if (!ann || !bob) throw new Error("no people");
  const arrivals = [
    { atMs: 100, members: [{ ...ann, elo: 1_000 }] },
    { atMs: 200, members: [{ ...bob, elo: 1_100 }] },
  ];
  const { matches } = simulate({ queue, arrivals, forMs: 10_000, gatherMs: 5, commitMs: 5, matchForMs: 60_000 });
  // Both have had two tries by 1,205 ms and so accept 120; Ann's next one is at 2,105 ms.
  expect(matches.map(({ atMs }) => atMs)).toEqual([2_110]);
});

it("refuses those who find the queue full", () => {
  const { refused, lives, arrivals } = run({ maxWaiting: 2 });
  expect(refused).toBeGreaterThan(0);
  expect(lives.length + refused).toBe(arrivals.length);
});
