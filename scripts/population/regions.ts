/**
 * The game regions and the round trip from any place to each.
 * The file of the population has one column per region in this order; data/regions.json lists the same.
 */
import { distanceKm, nearestFirst, type Position } from "./geo.ts";
import { type CityPing, FIBRE_KM_PER_RTT_MS, type MeasuredCity } from "./measured-cities.ts";
import type { Town } from "./sources.ts";

export type Region = Position & { name: string; city: string };

/** Each region stands in a measured city where hosting is usual (ap-south: Pune, the measured city nearest to Mumbai). */
const regionCities = [
  ["us-east", "Washington"],
  ["us-west", "Los Angeles"],
  ["sa-east", "Sao Paulo"],
  ["eu-west", "London"],
  ["eu-central", "Frankfurt"],
  ["africa", "Johannesburg"],
  ["ap-south", "Pune"],
  ["ap-southeast", "Singapore"],
  ["cn-east", "Shanghai"],
  ["ap-northeast", "Tokyo"],
  ["oceania", "Sydney"],
] as const;

/** There is no ping from a city to itself; the source's pairs of neighbouring cities show 1 to 2 ms. */
const SAME_CITY_MS = 1;

/** Each region at the position of its measured city. */
export function placeRegions(cities: readonly MeasuredCity[]): Region[] {
  return regionCities.map(([name, city]) => {
    const measured = cities.find((candidate) => candidate.name === city);
    if (!measured) throw new Error(`region ${name} needs ${city}, which is not among the measured cities`);
    return { name, city, lat: Number(measured.lat.toFixed(2)), lon: Number(measured.lon.toFixed(2)) };
  });
}

export type RegionPings = { measuredCityKm: number; ms: number[] };

/**
 * A function from a town to the round trip to each region in ms, in the order of `regions`, without a last mile, and the
 * distance to the measured city used. That city is the nearest one of the same country, because traffic leaves a country by its
 * own exchanges (it matters most in China, where the nearest city can lie behind the border), or else the nearest of all. For a
 * region to which it has no ping in either direction, the next one in that order which has.
 */
export function regionPinger(
  regions: readonly Region[],
  cities: readonly MeasuredCity[],
  pings: readonly CityPing[],
  towns: readonly Town[],
): (from: Town) => RegionPings {
  const located = cities.map((city) => ({ ...city, country: nearestFirst(city, towns)[0]?.place.country }));
  const measured = new Map(pings.map((ping) => [`${ping.from}>${ping.to}`, ping.avgMs]));
  const rttMs = (city: string, other: string): number | undefined =>
    city === other ? SAME_CITY_MS : (measured.get(`${city}>${other}`) ?? measured.get(`${other}>${city}`));

  return (from) => {
    const byDistance = nearestFirst(from, located);
    const ordered = [
      ...byDistance.filter(({ place }) => place.country === from.country),
      ...byDistance.filter(({ place }) => place.country !== from.country),
    ];
    const ms = regions.map((region) => {
      for (const { place } of ordered) {
        const rtt = rttMs(place.name, region.city);
        // The measured city may be hundreds of km nearer to the region than the town is.
        if (rtt !== undefined) return Math.max(rtt, distanceKm(from, region) / FIBRE_KM_PER_RTT_MS);
      }
      throw new Error(`no measured city has a ping to ${region.city}`);
    });
    return { measuredCityKm: ordered[0]?.km ?? Number.NaN, ms };
  };
}
