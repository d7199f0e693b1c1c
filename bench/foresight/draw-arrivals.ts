import { exponential } from "@muster/cli";
import type { Random } from "@muster/core";
import type { Comer } from "./play.ts";

/** Who comes, and how often: players whose elo is drawn evenly from these, and who don't know of each other. */
export interface Crowd {
  readonly elos: readonly number[];
  readonly ratePerS: number;
}

/** Those who come within a time (Poisson), in order of arrival. */
export const drawArrivals = ({ elos, ratePerS }: Crowd, forMs: number, random: Random): Comer[] => {
  const next = () => exponential(1_000 / ratePerS, random);
  const arrivals: Comer[] = [];
  for (let atMs = next(); atMs < forMs; atMs += next()) {
    arrivals.push({ elo: elos[Math.floor(random.next() * elos.length)] ?? 0, atMs });
  }
  return arrivals;
};
