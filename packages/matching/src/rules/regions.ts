import type { WaitingPlayer } from "@muster/core";

/** What a ticket accepts, at its tries, of every player's ping to the region of the match. Infinity: no limit. */
export interface RegionLimits {
  readonly maxLatencyMs: number;
  /** Of the difference to the player's own best ping. */
  readonly maxDeltaPingMs: number;
}

export const NO_LIMITS: RegionLimits = { maxLatencyMs: Infinity, maxDeltaPingMs: Infinity };

/** A region as some players see it. */
export interface Place {
  readonly region: string;
  /** Highest ping among them. */
  readonly worstMs: number;
  readonly sumMs: number;
  /** Largest difference among them to the player's own best ping. */
  readonly worstDeltaMs: number;
}

/**
 * Where a ticket, or several together, can be placed: the regions to which each of its players has a ping within all
 * limits. A player of whom no ping is known can be placed anywhere; one who has some can't where it has none.
 */
export interface RegionStance {
  readonly limits: RegionLimits;
  /** In the order of their names; undefined when no ping of any of its players is known: anywhere. */
  readonly places: readonly Place[] | undefined;
}

export const regionStance = (players: readonly WaitingPlayer[], limits: RegionLimits): RegionStance => {
  let places: readonly Place[] | undefined;
  for (const { latencyMs } of players) {
    if (!latencyMs) continue;
    const own = placesOf(latencyMs);
    if (own.length > 0) places = places ? shared(places, own) : own;
  }
  return { limits, places: places?.filter((place) => isWithin(limits, place)) };
};

/** Whether some region lies within the limits of both for the players of both. */
export const meetSomewhere = (a: RegionStance, b: RegionStance): boolean => {
  if (!a.places) return !b.places || b.places.some((place) => isWithin(a.limits, place));
  if (!b.places) return a.places.some((place) => isWithin(b.limits, place));
  let at = 0;
  for (const place of a.places) {
    let other = b.places[at];
    while (other && other.region < place.region) other = b.places[++at];
    if (!other) return false;
    // Each is within its own limits already.
    if (other.region === place.region && isWithin(b.limits, place) && isWithin(a.limits, other)) return true;
  }
  return false;
};

/** Where two sides can be placed together. Nowhere, if they don't meet: then its places are empty. */
export const joinRegions = (a: RegionStance, b: RegionStance): RegionStance => {
  const limits = {
    maxLatencyMs: Math.min(a.limits.maxLatencyMs, b.limits.maxLatencyMs),
    maxDeltaPingMs: Math.min(a.limits.maxDeltaPingMs, b.limits.maxDeltaPingMs),
  };
  const places = a.places && b.places ? shared(a.places, b.places) : (a.places ?? b.places);
  return { limits, places: places?.filter((place) => isWithin(limits, place)) };
};

/** The place with the lowest worst ping; ties: the lowest sum, then by name. Undefined when there is none, or any is. */
export const bestPlace = ({ places }: RegionStance): Place | undefined => {
  let best: Place | undefined;
  // In the order of names, so that of equal ones the first by name stays.
  for (const place of places ?? []) {
    if (!best || place.worstMs < best.worstMs || (place.worstMs === best.worstMs && place.sumMs < best.sumMs)) {
      best = place;
    }
  }
  return best;
};

const isWithin = ({ maxLatencyMs, maxDeltaPingMs }: RegionLimits, { worstMs, worstDeltaMs }: Place): boolean =>
  worstMs <= maxLatencyMs && worstDeltaMs <= maxDeltaPingMs;

const placesOf = (latencyMs: Readonly<Record<string, number>>): Place[] => {
  const regions = Object.keys(latencyMs).sort();
  let bestMs = Infinity;
  for (const region of regions) bestMs = Math.min(bestMs, latencyMs[region] ?? Infinity);
  return regions.map((region) => {
    const pingMs = latencyMs[region] ?? Infinity;
    return { region, worstMs: pingMs, sumMs: pingMs, worstDeltaMs: pingMs - bestMs };
  });
};

/** The places of both, as the players of both see them. */
const shared = (a: readonly Place[], b: readonly Place[]): Place[] => {
  const places: Place[] = [];
  let at = 0;
  for (const place of a) {
    let other = b[at];
    while (other && other.region < place.region) other = b[++at];
    if (other?.region !== place.region) continue;
    places.push({
      region: place.region,
      worstMs: Math.max(place.worstMs, other.worstMs),
      sumMs: place.sumMs + other.sumMs,
      worstDeltaMs: Math.max(place.worstDeltaMs, other.worstDeltaMs),
    });
  }
  return places;
};
