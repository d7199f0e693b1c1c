import type { Level } from "./ladder.ts";
import type { Seeker } from "./seeker.ts";

/**
 * How many free neighbours a search for one ticket looks at. It bounds the work when nearly nobody is compatible, as
 * when all have one elo and pings far apart: a pass over n tickets looks at 256 n at most, never at n². Where elos are
 * spread, 256 neighbours of a crowded queue lie within a few points of elo. Whoever is missed is found after the next
 * widening, or is served itself.
 */
export const MAX_EXAMINED = 256;

/**
 * The other free seekers from near to far as seen from one: by distance of elo, then the older first. It ends past that
 * seeker's own elo spread, or after `limit`. Nothing may be taken off the ladder while it runs.
 */
export class NearestFirst {
  readonly #from: Seeker;
  #left: number;
  /** The nearest levels not yet begun on either side. */
  #below: Level | undefined;
  #above: Level | undefined;
  /** A level below and one above may be equally far: two lists, each oldest first, to merge. */
  #a: Seeker | undefined;
  #b: Seeker | undefined;

  constructor(from: Seeker, limit: number) {
    this.#from = from;
    this.#left = limit;
    this.#below = from.level.below;
    this.#above = from.level.above;
    this.#a = from.level.oldest;
    this.#b = undefined;
  }

  /** The next one; undefined at the end. */
  next(): Seeker | undefined {
    if (this.#left <= 0) return undefined;
    const seeker = this.#nextOfLevels() ?? (this.#begin() ? this.#nextOfLevels() : undefined);
    if (seeker === this.#from) return this.next();
    this.#left--;
    return seeker;
  }

  #nextOfLevels(): Seeker | undefined {
    const a = this.#a;
    const b = this.#b;
    if (a && (!b || a.age < b.age)) {
      this.#a = a.younger;
      return a;
    }
    this.#b = b?.younger;
    return b;
  }

  /** Begins the nearest level, or two when they are equally far. False when there is none within the spread. */
  #begin(): boolean {
    const { elo, criteria } = this.#from;
    const below = this.#below;
    const above = this.#above;
    const distanceBelow = below ? elo - below.elo : Infinity;
    const distanceAbove = above ? above.elo - elo : Infinity;
    const distance = Math.min(distanceBelow, distanceAbove);
    if (distance > criteria.eloSpread || distance === Infinity) return false;
    if (below && distanceBelow === distance) {
      this.#a = below.oldest;
      this.#below = below.below;
    }
    if (above && distanceAbove === distance) {
      this.#b = above.oldest;
      this.#above = above.above;
    }
    return true;
  }
}
