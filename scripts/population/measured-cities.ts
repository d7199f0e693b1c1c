/**
 * Which of the measured cities can be believed, and where they are.
 *
 * The list of coordinates names some cities' namesakes or their country's centre. Each ping also carries the distance between
 * the two machines as its source computed it, so a wrong coordinate shows: the great circle disagrees with that distance for all
 * of a city's pings. And a machine that answers faster than light in fibre allows is not where it is said to be.
 */
import { distanceKm, type Position } from "./geo.ts";
import { quantile } from "./statistics.ts";

export type MeasuredCity = Position & { name: string };
/** Round trip from one measured city to another, with the distance that its source printed. */
export type CityPing = { from: string; to: string; printedKm: number; avgMs: number };
export type Dropped = { name: string; reason: string };

/** Where the machine was, by GeoNames: the place which fits the printed distances to within a few km. */
const correctedPositions: Readonly<Record<string, Position>> = {
  Brasilia: { lat: -15.78, lon: -47.93 },
  Brunswick: { lat: 43.91, lon: -69.97 },
  Charlotte: { lat: 35.23, lon: -80.84 },
  Cromwell: { lat: 41.56, lon: -72.65 },
  Fremont: { lat: 37.55, lon: -121.99 },
  Halifax: { lat: 44.64, lon: -63.58 },
  Maidstone: { lat: 51.27, lon: 0.52 },
  Malaysia: { lat: 3.11, lon: 101.67 },
  Mexico: { lat: 19.43, lon: -99.13 },
  Portland: { lat: 45.52, lon: -122.68 },
  Salem: { lat: 42.79, lon: -71.2 },
  "San Jose": { lat: 37.34, lon: -121.89 },
  "St Louis": { lat: 38.63, lon: -90.2 },
  Toledo: { lat: 41.66, lon: -83.56 },
};

const MAX_DISAGREEMENT_KM = 100;
/** Light in fibre does 200 km per ms, so a round trip takes 1 ms per 100 km. */
export const FIBRE_KM_PER_RTT_MS = 100;
/** The others' bad entries give a sound city a few such pairs (1 % at most). */
const MAX_FASTER_THAN_LIGHT_SHARE = 0.1;
const MAX_MEDIAN_SLOWDOWN = 5;
/** Below this distance a detour says little about a city. */
const SLOWDOWN_FROM_KM = 300;

/** The cities to use, with corrected positions, and the ones left out with the reason. */
export function believableCities(
  cities: readonly MeasuredCity[],
  pings: readonly CityPing[],
): { kept: MeasuredCity[]; dropped: Dropped[] } {
  const placed = cities.map((city) => ({ ...city, ...correctedPositions[city.name] }));
  const misplaced = reject(placed, pings, (pairs) => {
    const km = quantile(
      pairs.map(({ km, ping }) => Math.abs(km - ping.printedKm)),
      0.5,
    );
    return km > MAX_DISAGREEMENT_KM ? `coordinates disagree with distances by ${Math.round(km)} km` : null;
  });
  const impossible = reject(misplaced.kept, pings, (pairs) => {
    const faster = pairs.filter(({ km, ping }) => ping.avgMs < km / FIBRE_KM_PER_RTT_MS).length / pairs.length;
    if (faster > MAX_FASTER_THAN_LIGHT_SHARE) return `${Math.round(faster * 100)} % of pings faster than light`;
    const slowdown = quantile(
      pairs.map(({ km, ping }) => (ping.avgMs * FIBRE_KM_PER_RTT_MS) / Math.max(km, SLOWDOWN_FROM_KM)),
      0.5,
    );
    return slowdown > MAX_MEDIAN_SLOWDOWN ? `${slowdown.toFixed(1)} times slower than fibre` : null;
  });
  return { kept: impossible.kept, dropped: [...misplaced.dropped, ...impossible.dropped] };
}

type Pair = { ping: CityPing; km: number };

/** Splits `cities` by what `fault` finds in the pings of each to and from the others; a city without any is dropped too. */
function reject(
  cities: readonly MeasuredCity[],
  pings: readonly CityPing[],
  fault: (pairs: readonly Pair[]) => string | null,
): { kept: MeasuredCity[]; dropped: Dropped[] } {
  const pairsOf = new Map<string, Pair[]>(cities.map((city) => [city.name, []]));
  const byName = new Map(cities.map((city) => [city.name, city]));
  for (const ping of pings) {
    const from = byName.get(ping.from);
    const to = byName.get(ping.to);
    if (!from || !to) continue;
    const pair = { ping, km: distanceKm(from, to) };
    pairsOf.get(from.name)?.push(pair);
    pairsOf.get(to.name)?.push(pair);
  }
  const kept: MeasuredCity[] = [];
  const dropped: Dropped[] = [];
  for (const city of cities) {
    const pairs = pairsOf.get(city.name) ?? [];
    const reason = pairs.length === 0 ? "never measured" : fault(pairs);
    if (reason === null) kept.push(city);
    else dropped.push({ name: city.name, reason });
  }
  return { kept, dropped };
}
