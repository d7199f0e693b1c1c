import type { Population } from "./population.ts";
import { mean, quantile, standardDeviation } from "./statistics.ts";

const shares = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

/** A few lines for a person: is this population what a game would see? */
export function summarise({ regions, players, droppedCities }: Population): string {
  const elos = players.map(({ elo }) => elo);
  const nearest = players.map(({ pingMs }) => pingMs.indexOf(Math.min(...pingMs)));
  const homes = regions.map(({ name }, at) => ({ name, count: nearest.filter((region) => region === at).length }));
  const quantiles = (name: string, values: readonly number[]): string =>
    `${name.padEnd(22)}${shares.map((share) => String(Math.round(quantile(values, share))).padStart(6)).join("")}`;
  return [
    `rows ${players.length}, countries ${new Set(players.map(({ country }) => country)).size}, regions ${regions.length}`,
    `elo mean ${mean(elos).toFixed(1)}, sd ${standardDeviation(elos).toFixed(1)}, min ${Math.min(...elos)}, max ${Math.max(...elos)}`,
    `${"quantile".padEnd(22)}${shares.map((share) => `${share * 100}%`.padStart(6)).join("")}`,
    quantiles("elo", elos),
    quantiles(
      "games",
      players.map(({ games }) => games),
    ),
    quantiles(
      "avgPingMs",
      players.map(({ avgPingMs }) => avgPingMs),
    ),
    quantiles(
      "last mile ms",
      players.map(({ lastMileMs }) => lastMileMs),
    ),
    quantiles(
      "km to measured city",
      players.map(({ measuredCityKm }) => measuredCityKm),
    ),
    `best region ${homes.map(({ name, count }) => `${name} ${count}`).join(", ")}`,
    `measured cities left out: ${droppedCities.map(({ name, reason }) => `${name} (${reason})`).join(", ")}`,
  ].join("\n");
}
