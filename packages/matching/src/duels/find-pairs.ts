import type { Columns } from "./columns.ts";
import { type DuelLadder, NONE } from "./duel-ladder.ts";
import { untangle } from "./untangle.ts";

/** From so many tries on, a ticket doesn't stand back for closer pairs any longer. */
export const MAX_PASSED_OVER = 2;

/** Whom each ticket meets, both by age; `NONE` for those who meet nobody. */
export type Opponents = Int32Array;

/**
 * Matches for 1 against 1, in two parts.
 *
 * Who is matched: the closest pairs first, that is, those of one elo, then those up to 1 apart, up to 2, 4, 8 and so on,
 * and within each reach the oldest served ticket first, with the compatible one nearest to its elo (ties: the older).
 * But before all these come the served tickets with `MAX_PASSED_OVER` tries, oldest first, at whatever distance. So a
 * ticket is passed over for closer pairs of younger ones that often, and then no more: only an older one can still take
 * its last opponent, and as these get fewer with each search, its turn comes.
 *
 * Who meets whom: `untangle` then exchanges opponents where that brings both pairs closer together.
 *
 * Whoever is matched has left the ladder.
 */
export const findPairs = (columns: Columns, ladder: DuelLadder): Opponents => {
  const { served, tries } = columns;
  const count = served.length;
  const pairing: Pairing = {
    ...{ columns, ladder, apart: [], nearest: new Float64Array(count) },
    opponents: new Int32Array(count).fill(NONE),
  };
  const urgent: number[] = [];
  for (let age = 0; age < count; age++) {
    if (served[age] === 1 && (tries[age] ?? 0) >= MAX_PASSED_OVER) urgent.push(age);
  }
  matchWithin(Infinity, urgent, pairing);
  // At no distance at all each elo is on its own, and may as well go in the order of elo: then neighbours are still in
  // the processor's cache.
  let left = matchWithin(0, ladder.lowestFirst, pairing).sort((a, b) => a - b);
  for (let reach = 1; left.length > 0; reach *= 2) left = matchWithin(reach, left, pairing);
  untangle(columns, pairing.apart, pairing.opponents);
  return pairing.opponents;
};

interface Pairing {
  readonly columns: Columns;
  readonly ladder: DuelLadder;
  readonly opponents: Opponents;
  /** Those who meet somebody of another elo. */
  readonly apart: number[];
  /** By age: nobody compatible is nearer. It stays true, for the ladder only gets emptier, and saves most searches. */
  readonly nearest: Float64Array;
}

/**
 * Matches each served one in turn with the nearest compatible ticket if that is within reach.
 *
 * @returns those to whom a longer reach may give an opponent, in the same order
 */
const matchWithin = (reach: number, ages: ArrayLike<number>, pairing: Pairing): number[] => {
  const { columns, ladder, opponents, apart, nearest } = pairing;
  const { elo, served } = columns;
  const left: number[] = [];
  for (let index = 0; index < ages.length; index++) {
    const age = ages[index] ?? 0;
    if (served[age] !== 1 || !ladder.isFree(age)) continue;
    if ((nearest[age] ?? 0) > reach) {
      left.push(age);
      continue;
    }
    const opponent = ladder.nearestSuitable(age);
    // Who finds nobody now finds nobody later: the ladder only gets emptier.
    if (opponent === NONE) continue;
    const distance = Math.abs((elo[opponent] ?? 0) - (elo[age] ?? 0));
    if (distance > reach) {
      nearest[age] = distance;
      left.push(age);
      continue;
    }
    ladder.take(age);
    ladder.take(opponent);
    opponents[age] = opponent;
    opponents[opponent] = age;
    if (distance > 0) apart.push(age, opponent);
  }
  return left;
};
