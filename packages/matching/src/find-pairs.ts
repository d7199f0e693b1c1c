import { compatible } from "./compatible.ts";
import { type Ladder, take } from "./ladder.ts";
import { MAX_EXAMINED, NearestFirst } from "./nearest.ts";
import type { Seeker } from "./seeker.ts";
import { untangle } from "./untangle.ts";

/** From so many tries on, a ticket doesn't stand back for closer pairs any longer. */
export const MAX_PASSED_OVER = 2;

/** Whom each seeker meets, by age; undefined for those who meet nobody. */
export type Opponents = (Seeker | undefined)[];

/**
 * Matches for 1 against 1, in two parts.
 *
 * Who is matched: the closest pairs first, that is, those of one elo, then those up to 1 apart, up to 2, 4, 8 and so on,
 * and within each reach the oldest served seeker first, with the compatible one nearest to its elo (ties: the older).
 * But before all these come the served seekers with `MAX_PASSED_OVER` tries, oldest first, at whatever distance. So a
 * ticket is passed over for closer pairs of younger ones that often, and then no more: only an older one can still take
 * its last opponent, and as these get fewer with each search, its turn comes.
 *
 * Who meets whom: `untangle` then exchanges opponents where that brings both pairs closer together.
 *
 * Whoever is matched has left the ladder.
 */
export const findPairs = ({ oldestFirst, lowestFirst }: Ladder): Opponents => {
  const { length } = oldestFirst;
  const pairing: Pairing = { opponents: new Array(length), apart: [], nearest: new Float64Array(length) };
  const urgent = oldestFirst.filter(({ served, tries }) => served && tries >= MAX_PASSED_OVER);
  matchWithin(Infinity, urgent, pairing);
  // At no distance at all each elo is on its own, and may as well go in the order of elo: then neighbours are still in
  // the processor's cache.
  let left = matchWithin(0, lowestFirst, pairing).sort((a, b) => a.age - b.age);
  for (let reach = 1; left.length > 0; reach *= 2) left = matchWithin(reach, left, pairing);
  untangle(pairing.apart, pairing.opponents);
  return pairing.opponents;
};

interface Pairing {
  readonly opponents: Opponents;
  /** Those who meet somebody of another elo. */
  readonly apart: Seeker[];
  /** By age: nobody compatible is nearer. It stays true, for the ladder only gets emptier, and saves most searches. */
  readonly nearest: Float64Array;
}

/**
 * Matches each served one in turn with the nearest compatible seeker if that is within reach.
 *
 * @returns those to whom a longer reach may give an opponent, in the same order
 */
const matchWithin = (reach: number, seekers: readonly Seeker[], pairing: Pairing): Seeker[] => {
  const { opponents, apart, nearest } = pairing;
  const left: Seeker[] = [];
  for (const seeker of seekers) {
    const { age, elo } = seeker;
    if (!seeker.free || !seeker.served) continue;
    if ((nearest[age] ?? 0) > reach) {
      left.push(seeker);
      continue;
    }
    const opponent = nearestCompatible(seeker);
    // Who finds nobody now finds nobody later: the ladder only gets emptier.
    if (!opponent) continue;
    const distance = Math.abs(opponent.elo - elo);
    if (distance > reach) {
      nearest[age] = distance;
      left.push(seeker);
      continue;
    }
    take(seeker);
    take(opponent);
    opponents[age] = opponent;
    opponents[opponent.age] = seeker;
    if (distance > 0) apart.push(seeker, opponent);
  }
  return left;
};

const nearestCompatible = (served: Seeker): Seeker | undefined => {
  // In a crowd most are the oldest of their elo when their turn comes, and suit the next one.
  const { level, younger } = served;
  if (level.oldest === served && younger && compatible(served, younger)) return younger;
  const neighbours = new NearestFirst(served, MAX_EXAMINED);
  let other = neighbours.next();
  while (other && !compatible(served, other)) other = neighbours.next();
  return other;
};
