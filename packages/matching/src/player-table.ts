/** An empty place of the table. */
const EMPTY = -1;
/** Places for each id that it is made for: sparse, so that two ids seldom meet at one place. */
const PLACES_PER_ID = 2;

/**
 * Finds players who are in more than one of many tickets: nearly always nobody. A set of all ids costs as much as finding
 * the matches does, so this is an open hash table of numbers, and texts are compared only where all bits of two hashes
 * are equal.
 */
export class PlayerTable {
  /** Ids that were added more than once. */
  readonly repeated = new Set<string>();
  readonly #ids: string[] = [];
  #hashes: Int32Array;
  /** Which id stands at each place; as many places as some power of two. */
  #places: Int32Array;

  /** @param expected about how many ids there will be; it grows as it must */
  constructor(expected: number) {
    const places = 2 ** Math.ceil(Math.log2(PLACES_PER_ID * Math.max(8, expected)));
    this.#hashes = new Int32Array(places / PLACES_PER_ID);
    this.#places = new Int32Array(places).fill(EMPTY);
  }

  add(id: string): void {
    const hash = hashOf(id);
    const mask = this.#places.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const known = this.#places[place] ?? EMPTY;
      if (known === EMPTY) {
        const index = this.#ids.push(id) - 1;
        this.#hashes[index] = hash;
        this.#places[place] = index;
        if (index + 1 === this.#hashes.length) this.#grow();
        return;
      }
      if (this.#hashes[known] === hash && this.#ids[known] === id) {
        this.repeated.add(id);
        return;
      }
    }
  }

  #grow(): void {
    const hashes = new Int32Array(2 * this.#hashes.length);
    hashes.set(this.#hashes);
    const places = new Int32Array(2 * this.#places.length).fill(EMPTY);
    for (let index = 0; index < this.#ids.length; index++) {
      let place = (hashes[index] ?? 0) & (places.length - 1);
      while (places[place] !== EMPTY) place = (place + 1) & (places.length - 1);
      places[place] = index;
    }
    this.#hashes = hashes;
    this.#places = places;
  }
}

/** FNV-1a of Fowler, Noll and Vo, over UTF-16 units, and mixed once more: the lowest bits are what is used. */
const hashOf = (id: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x9e3779b1);
  return mixed ^ (mixed >>> 16);
};
