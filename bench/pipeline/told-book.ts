import { type Crowd, placeOf } from "./crowd.ts";
import { wallNow } from "./wall-now.ts";

/** What became of a crowd's players as they were told. */
export interface Told {
  /** When each was told to be in a match, ms since the epoch; NaN for those who were not. */
  at: Float64Array;
  /** The number of each one's opponent; -1 for those whose opponent is none of this crowd. */
  opponent: Int32Array;
}

export class ToldBook {
  readonly told: Told;
  count = 0;
  /** The same by the place to which they came. */
  readonly byPlace: number[];
  readonly #crowd: Crowd;
  /** Of matches of which one player was told so far. */
  readonly #first = new Map<string, number>();

  /** @param places among which the players were spread, see placeOf */
  constructor(crowd: Crowd, players: number, places = 1) {
    this.#crowd = crowd;
    this.byPlace = Array.from({ length: places }, () => 0);
    this.told = { at: new Float64Array(players).fill(Number.NaN), opponent: new Int32Array(players).fill(-1) };
  }

  /** A player is told that it is in a match. A second time is ignored: it may be told what it knows. */
  note(player: string, match: string): void {
    const index = this.#crowd.indexOf(player);
    if (!Number.isNaN(this.told.at[index])) return;
    this.told.at[index] = wallNow();
    this.count += 1;
    const place = placeOf(index, this.byPlace.length);
    this.byPlace[place] = (this.byPlace[place] ?? 0) + 1;
    const other = this.#first.get(match);
    if (other === undefined) {
      this.#first.set(match, index);
      return;
    }
    this.#first.delete(match);
    this.told.opponent[index] = other;
    this.told.opponent[other] = index;
  }
}
