import { ascending } from "../ascending.ts";
import type { Columns } from "./columns.ts";
import { DuelLadder, NONE } from "./duel-ladder.ts";
import { untangle } from "./untangle.ts";

/** From so many tries on, a ticket doesn't stand back for closer pairs any longer. */
export const MAX_PASSED_OVER = 2;

/** Whom each ticket meets, both by their places in the columns; `NONE` for those who meet nobody. */
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
 *
 * @param tries effective tries of each ticket, oldest first: see `effectiveTries`
 */
export const findPairs = (pairing: Pairing, tries: ArrayLike<number>): Opponents => {
  const { columns, apart, opponents } = pairing;
  matchWithin(Infinity, passedOver(columns, tries), pairing);
  // At no distance at all each elo is on its own, and may as well go in the order of elo: then neighbours are still in
  // the processor's cache.
  const more: number[] = [];
  for (let place = 0; place < opponents.length; place++) if (pairing.match(place, 0)) more.push(place);
  let left = oldestFirst(columns, more);
  for (let reach = 1; left.length > 0; reach *= 2) left = matchWithin(reach, left, pairing);
  untangle(columns, apart, opponents);
  return opponents;
};

/** Those who have stood back often enough, oldest first. */
const passedOver = ({ places }: Columns, tries: ArrayLike<number>): number[] => {
  const passedOver: number[] = [];
  for (let age = 0; age < places.length; age++) {
    if ((tries[age] ?? 0) >= MAX_PASSED_OVER) passedOver.push(places[age] ?? 0);
  }
  return passedOver;
};

const oldestFirst = ({ ages }: Columns, places: readonly number[]): number[] =>
  Array.from(ascending(Float64Array.from(places, (place) => ages[place] ?? 0)), (index) => places[index] ?? 0);

/** Who meets whom so far. */
export class Pairing {
  readonly columns: Columns;
  readonly opponents: Opponents;
  /** Those who meet somebody of another elo. */
  readonly apart: number[] = [];
  readonly #ladder: DuelLadder;
  /** By place: nobody compatible is nearer. It stays true, for the ladder only gets emptier, and saves most searches. */
  readonly #nearest: Float64Array;

  constructor(columns: Columns) {
    const count = columns.served.length;
    this.columns = columns;
    this.opponents = new Int32Array(count).fill(NONE);
    this.#ladder = new DuelLadder(columns);
    this.#nearest = new Float64Array(count);
  }

  /**
   * Matches a served ticket that is free with the nearest compatible one if that is within reach.
   *
   * @returns whether a longer reach may give it an opponent
   */
  match(place: number, reach: number): boolean {
    const { elo, served } = this.columns;
    if (served[place] !== 1 || !this.#ladder.isFree(place)) return false;
    if ((this.#nearest[place] ?? 0) > reach) return true;
    const opponent = this.#ladder.nearestSuitable(place);
    // Who finds nobody now finds nobody later: the ladder only gets emptier.
    if (opponent === NONE) return false;
    const distance = Math.abs((elo[opponent] ?? 0) - (elo[place] ?? 0));
    if (distance > reach) {
      this.#nearest[place] = distance;
      return true;
    }
    this.#ladder.take(place);
    this.#ladder.take(opponent);
    this.opponents[place] = opponent;
    this.opponents[opponent] = place;
    if (distance > 0) this.apart.push(place, opponent);
    return false;
  }
}

/** @returns those to whom a longer reach may give an opponent, in the same order */
const matchWithin = (reach: number, places: readonly number[], pairing: Pairing): number[] => {
  const left: number[] = [];
  for (const place of places) if (pairing.match(place, reach)) left.push(place);
  return left;
};
