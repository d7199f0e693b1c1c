import type { Population, PopulationPlayer } from "./population.ts";

/** The whole file as text, one line per player, numbered from 1. No field can hold a comma or a quote. */
export function populationCsv({ regions, players }: Population): string {
  const header = ["player", "elo", "country", "lat", "lon", "games", "avgPingMs", ...regions.map(({ name }) => name)];
  return `${[header.join(","), ...players.map((player, at) => playerRow(at + 1, player))].join("\n")}\n`;
}

/** One line: positions in degrees with 2 decimals, pings in whole ms. */
export function playerRow(number: number, player: PopulationPlayer): string {
  const { elo, country, lat, lon, games, avgPingMs, pingMs } = player;
  return [number, elo, country, lat.toFixed(2), lon.toFixed(2), games, avgPingMs, ...pingMs].join(",");
}
