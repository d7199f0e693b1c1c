import { MAX_EXAMINED } from "../nearest.ts";
import type { Columns } from "./columns.ts";

/** Stands for no ticket, and for no level. */
export const NONE = -1;

/**
 * The ladder of `ladder.ts` for solo tickets, in columns: one level per elo, in order of elo, and on each level its free
 * tickets, oldest first; what is matched is taken out. Tickets are named by their place in the columns, levels by theirs
 * on the ladder.
 */
export class DuelLadder {
  readonly #columns: Columns;
  /** 1 until a match takes it. */
  readonly #free: Uint8Array;
  readonly #levelOf: Int32Array;
  /** The free neighbours of a ticket on its level. */
  readonly #older: Int32Array;
  readonly #younger: Int32Array;
  readonly #levelElo: Float64Array;
  readonly #oldest: Int32Array;
  /** The nearest levels that hold anyone. */
  readonly #below: Int32Array;
  readonly #above: Int32Array;

  constructor(columns: Columns) {
    const { elo } = columns;
    const count = elo.length;
    this.#columns = columns;
    this.#free = new Uint8Array(count).fill(1);
    this.#levelOf = new Int32Array(count);
    this.#older = new Int32Array(count).fill(NONE);
    this.#younger = new Int32Array(count).fill(NONE);
    this.#levelElo = new Float64Array(count);
    this.#oldest = new Int32Array(count);
    this.#below = new Int32Array(count);
    this.#above = new Int32Array(count);
    let level = NONE;
    for (let place = 0; place < count; place++) {
      const own = elo[place] ?? 0;
      if (level !== NONE && this.#levelElo[level] === own) {
        this.#younger[place - 1] = place;
        this.#older[place] = place - 1;
      } else {
        level++;
        this.#levelElo[level] = own;
        this.#oldest[level] = place;
        this.#below[level] = level - 1;
        this.#above[level] = level + 1;
      }
      this.#levelOf[place] = level;
    }
    if (level !== NONE) this.#above[level] = NONE;
  }

  isFree(place: number): boolean {
    return this.#free[place] === 1;
  }

  /** Takes a ticket that is matched off the ladder, and its level too if it was the last there. */
  take(place: number): void {
    const level = this.#levelOf[place] ?? 0;
    const older = this.#older[place] ?? NONE;
    const younger = this.#younger[place] ?? NONE;
    this.#free[place] = 0;
    if (younger !== NONE) this.#older[younger] = older;
    if (older !== NONE) {
      this.#younger[older] = younger;
      return;
    }
    this.#oldest[level] = younger;
    if (younger !== NONE) return;
    const below = this.#below[level] ?? NONE;
    const above = this.#above[level] ?? NONE;
    if (below !== NONE) this.#above[below] = above;
    if (above !== NONE) this.#below[above] = below;
  }

  /**
   * The free ticket that suits a free one and is nearest to it by elo, of equally near ones the oldest; `NONE` when there
   * is none within its spread, or among the `MAX_EXAMINED` nearest. See `NearestFirst`.
   */
  nearestSuitable(from: number): number {
    const columns = this.#columns;
    const { ages } = columns;
    const level = this.#levelOf[from] ?? 0;
    /** A level below and one above may be equally far: two lists, each oldest first, to merge. */
    let a = this.#oldest[level] ?? NONE;
    let b = NONE;
    // In a crowd most are the oldest of their elo when their turn comes, and suit the next one.
    if (a === from) {
      a = this.#younger[from] ?? NONE;
      if (a !== NONE && columns.suit(from, a)) return a;
    }
    const elo = columns.elo[from] ?? 0;
    const spread = columns.spreadOf(from);
    let below = this.#below[level] ?? NONE;
    let above = this.#above[level] ?? NONE;
    for (let left = MAX_EXAMINED; left > 0; ) {
      let other = a;
      if (a !== NONE && (b === NONE || (ages[a] ?? 0) < (ages[b] ?? 0))) {
        a = this.#younger[a] ?? NONE;
      } else if (b !== NONE) {
        other = b;
        b = this.#younger[b] ?? NONE;
      } else {
        const distanceBelow = below === NONE ? Infinity : elo - (this.#levelElo[below] ?? 0);
        const distanceAbove = above === NONE ? Infinity : (this.#levelElo[above] ?? 0) - elo;
        const distance = Math.min(distanceBelow, distanceAbove);
        if (distance > spread || distance === Infinity) return NONE;
        if (distanceBelow === distance) {
          a = this.#oldest[below] ?? NONE;
          below = this.#below[below] ?? NONE;
        }
        if (distanceAbove === distance) {
          b = this.#oldest[above] ?? NONE;
          above = this.#above[above] ?? NONE;
        }
        continue;
      }
      if (other === from) continue;
      left--;
      if (columns.suit(from, other)) return other;
    }
    return NONE;
  }
}
