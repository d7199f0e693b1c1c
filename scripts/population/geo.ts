/** Degrees north and east. */
export type Position = { lat: number; lon: number };

const EARTH_RADIUS_KM = 6371;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance in km (haversine). */
export function distanceKm(a: Position, b: Position): number {
  const halfChord =
    Math.sin(radians(b.lat - a.lat) / 2) ** 2 +
    Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(radians(b.lon - a.lon) / 2) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(Math.min(1, halfChord)));
}

/** `places` with their distance from `from`, nearest first; ties keep the order given. */
export function nearestFirst<P extends Position>(from: Position, places: readonly P[]): { place: P; km: number }[] {
  return places.map((place) => ({ place, km: distanceKm(from, place) })).sort((a, b) => a.km - b.km);
}
