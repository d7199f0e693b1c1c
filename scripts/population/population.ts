/** From the raw data to players: everything but reading and writing. */
import { deriveLastMiles, type LastMile, withinTick } from "./last-mile.ts";
import { believableCities, type Dropped } from "./measured-cities.ts";
import { mulberry32, pick, type Random, sample, weightedChooser } from "./random.ts";
import { placeRegions, type Region, type RegionPings, regionPinger } from "./regions.ts";
import type { Sources, Town } from "./sources.ts";

export type PopulationPlayer = {
  elo: number;
  country: string;
  lat: number;
  lon: number;
  /** Games on the ladder: how active the player is. */
  games: number;
  /** What the player sees on average at the best region, jitter included. */
  avgPingMs: number;
  /** To each region, in the order of `Population.regions`. */
  pingMs: number[];
  /** Not in the file: from the player's town to the measured city that its pings start from. */
  measuredCityKm: number;
  /** Not in the file: the part of each ping which is the player's own connection. */
  lastMileMs: number;
};

export type Population = { regions: Region[]; players: PopulationPlayer[]; droppedCities: Dropped[] };

/**
 * `players` of the ladder chosen uniformly, each put into a town of its country by population, with the pings of the nearest
 * measured city and the last mile of a device chosen uniformly. The same sources, players and seed give the same population.
 */
export function buildPopulation(sources: Sources, options: { players: number; seed: number }): Population {
  const random = mulberry32(options.seed);
  const { kept, dropped } = believableCities(sources.measuredCities, sources.cityPings);
  const regions = placeRegions(kept);
  const pingsFrom = perTown(regionPinger(regions, kept, sources.cityPings, sources.towns));
  const lastMiles = deriveLastMiles(sources.deviceRtts);
  const chooseTown = townChoosers(sources.towns);

  // A rating of 0 is a player that the ladder has not rated.
  const eligible = sources.ladder.filter((player) => player.elo > 0 && chooseTown.has(player.country));
  if (options.players > eligible.length) {
    throw new Error(
      `--players ${options.players} is more than the ${eligible.length} rated players with a known country`,
    );
  }
  const players = sample(eligible, options.players, random).map(({ elo, games, country }) => {
    const town = chooseTown.get(country)?.(random);
    if (!town) throw new Error(`no town in ${country}`);
    const connection = pick(lastMiles, random);
    return { elo, games, country, ...placePlayer(town, pingsFrom(town), connection, random()) };
  });
  return { regions, players, droppedCities: dropped };
}

function placePlayer(town: Town, pings: RegionPings, connection: LastMile, tickShare: number) {
  const lastMileMs = withinTick(connection.lastMileMs, tickShare);
  const best = Math.min(...pings.ms);
  return {
    lat: town.lat,
    lon: town.lon,
    avgPingMs: Math.round(best + lastMileMs + connection.jitterMs),
    pingMs: pings.ms.map((ms) => Math.round(ms + lastMileMs)),
    measuredCityKm: pings.measuredCityKm,
    lastMileMs,
  };
}

/** By country; a country without a populated town is absent. */
function townChoosers(towns: readonly Town[]): Map<string, (random: Random) => Town> {
  const choosers = new Map<string, (random: Random) => Town>();
  for (const [country, its] of Map.groupBy(towns, (town) => town.country)) {
    const chooser = weightedChooser(its, (town) => town.population);
    if (chooser) choosers.set(country, chooser);
  }
  return choosers;
}

/** Thousands of players share a few hundred large towns. */
function perTown(pingsFrom: (town: Town) => RegionPings): (town: Town) => RegionPings {
  const known = new Map<Town, RegionPings>();
  return (town) => {
    const pings = known.get(town) ?? pingsFrom(town);
    known.set(town, pings);
    return pings;
  };
}
