import type { Random } from "@muster/core";

/** What another region costs, in the mean. */
const FARTHER_MS = 90;

/** Pings of somebody who is near one region, or anywhere: around the mean, and more to the regions that are not near. */
export const pingsOf = (from: {
  regions: readonly string[];
  region: string | undefined;
  meanMs: number;
  random: Random;
}): { avgPingMs: number; latencyMs?: Record<string, number> } => {
  const { regions, meanMs, random } = from;
  const around = (ms: number) => Math.max(1, Math.round(ms * (0.5 + random.next())));
  const avgPingMs = around(meanMs);
  if (regions.length === 0) return { avgPingMs };
  const near = from.region ?? regions[Math.floor(random.next() * regions.length)];
  const latencyMs = Object.fromEntries(
    regions.map((region) => [region, region === near ? avgPingMs : avgPingMs + around(FARTHER_MS)]),
  );
  return { avgPingMs, latencyMs };
};
