import { compatible } from "../compatible.ts";
import { NearestFirst } from "../nearest.ts";
import type { Seeker } from "../seeker.ts";

/** The free seekers compatible with one seeker, nearest first, looked up no further than they are asked for. */
export class NearList {
  readonly #from: Seeker;
  readonly #neighbours: NearestFirst;
  readonly #found: Seeker[] = [];

  constructor(from: Seeker, limit: number) {
    this.#from = from;
    this.#neighbours = new NearestFirst(from, limit);
  }

  /** The one at this place; undefined past the end. */
  at(index: number): Seeker | undefined {
    while (this.#found.length <= index) {
      const other = this.#neighbours.next();
      if (!other) return undefined;
      if (compatible(this.#from, other)) this.#found.push(other);
    }
    return this.#found[index];
  }

  /** That seeker itself, then these. */
  *withCore(): Generator<Seeker> {
    yield this.#from;
    for (let index = 0, other = this.at(0); other; other = this.at(++index)) yield other;
  }

  all(): readonly Seeker[] {
    this.at(Infinity);
    return this.#found;
  }
}
