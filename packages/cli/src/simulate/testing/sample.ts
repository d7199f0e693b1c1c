import { parseQueues, type Queue } from "@muster/core";
import type { Person } from "../../load/population.ts";
import { seededRandom } from "../../load/seeded-random.ts";
import type { Life, SimulatedMatch } from "../simulate.ts";

/** A definition with short waits, so that a few simulated minutes see everything. */
export const sampleDefinition = (teamSize = 1, maxPartySize = 1) => ({
  teams: { count: 2, size: teamSize },
  maxPartySize,
  steps: [
    { fromTry: 0, eloSpread: 40 },
    { fromTry: 2, eloSpread: 120 },
    { fromTry: 5, eloSpread: 300 },
  ],
  retryEveryMs: 1_000,
  expireAfterMs: 12_000,
  matchLengthMs: 60_000,
  maxWaiting: 1_000,
});

export const sampleQueue = (teamSize = 1, maxPartySize = 1): Queue => {
  const queue = parseQueues({ queues: { sample: sampleDefinition(teamSize, maxPartySize) } }, "sample").get("sample");
  if (!queue) throw new Error("no queue");
  return queue;
};

/** People with elos spread evenly from 500 to 1,500, and pings to two regions. */
export const samplePeople = (count: number, seed = 1): Person[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const eu = 10 + Math.round(random.next() * 80);
    return {
      id: `p${index}`,
      elo: 500 + Math.round(random.next() * 1_000),
      avgPingMs: eu,
      position: { lat: 50, lon: 10 },
      latencyMs: { eu, us: 150 - eu },
    };
  });
};

export const person = (elo: number, latencyMs: Record<string, number> = {}): Person => ({
  ...{ id: `p${elo}`, elo, avgPingMs: 30, position: { lat: 50, lon: 10 } },
  latencyMs,
});

export const life = (elos: readonly number[], waitMs: number, outcome: Life["outcome"] = "matched"): Life => ({
  elo: elos.reduce((sum, elo) => sum + elo, 0) / elos.length,
  members: elos.map((elo) => person(elo)),
  arrivedAtMs: 1_000,
  endedAtMs: 1_000 + waitMs,
  outcome,
});

export const match = (...teams: Life[][]): SimulatedMatch => ({
  ...{ atMs: teams[0]?.[0]?.endedAtMs ?? 0, teams, quality: 0.9, roles: new Map() },
  beganWith: teams.flat().flatMap(({ members }) => members).length,
});
