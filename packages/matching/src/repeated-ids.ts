import { fnv1a } from "@muster/core";

/** Bits of a filter for each id that it is made for: so sparse that it suspects one id in eighty for nothing. */
const BITS_PER_ID = 32;
const BITS_PER_WORD = 32;

/**
 * Finds who may hold an id that another holds too: nearly always nobody. A set of all ids costs as much as finding the
 * matches does, and a hash table's pages, new for each search, half of that. So this keeps a bit per hash, in a filter that
 * fits into the processor's cache, and compares whole hashes only where a bit was set already.
 */
export class RepeatedIds {
  #hashes: Int32Array;
  /** Who holds the id of each hash. */
  #holders: Uint32Array;
  #count = 0;
  readonly #mask: number;
  readonly #once: Int32Array;
  /** Empty for as long as no bit was set twice, and its pages cost nothing then. */
  readonly #again: Int32Array;

  /** @param expected about how many ids there will be; it grows as it must */
  constructor(expected: number) {
    const bits = 2 ** Math.ceil(Math.log2(BITS_PER_ID * Math.max(8, expected)));
    this.#mask = bits - 1;
    this.#once = new Int32Array(bits / BITS_PER_WORD);
    this.#again = new Int32Array(bits / BITS_PER_WORD);
    this.#hashes = new Int32Array(Math.max(8, expected));
    this.#holders = new Uint32Array(this.#hashes.length);
  }

  add(id: string, holder: number): void {
    const hash = hashOf(id);
    if (this.#count === this.#hashes.length) this.#grow();
    this.#hashes[this.#count] = hash;
    this.#holders[this.#count] = holder;
    this.#count++;
    const word = (hash & this.#mask) >>> 5;
    // The shift takes the hash's lowest five bits by itself.
    const bit = 1 << hash;
    const known = this.#once[word] ?? 0;
    if ((known & bit) === 0) this.#once[word] = known | bit;
    else this.#again[word] = (this.#again[word] ?? 0) | bit;
  }

  /** @returns all holders of ids that were added more than once, and some whose ids only have equal hashes */
  suspects(): Set<number> {
    const suspects = new Set<number>();
    /** The first holder of each hash whose bit was set again. */
    const firstHolders = new Map<number, number>();
    for (let index = 0; index < this.#count; index++) {
      const hash = this.#hashes[index] ?? 0;
      if (((this.#again[(hash & this.#mask) >>> 5] ?? 0) & (1 << hash)) === 0) continue;
      const holder = this.#holders[index] ?? 0;
      const first = firstHolders.get(hash);
      if (first === undefined) firstHolders.set(hash, holder);
      else suspects.add(first).add(holder);
    }
    return suspects;
  }

  #grow(): void {
    const [hashes, holders] = [this.#hashes, this.#holders];
    this.#hashes = new Int32Array(2 * hashes.length);
    this.#hashes.set(hashes);
    this.#holders = new Uint32Array(2 * holders.length);
    this.#holders.set(holders);
  }
}

/** Mixed once more: the lowest bits are what is used. */
const hashOf = (id: string): number => {
  const hash = fnv1a(id);
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x9e3779b1);
  return mixed ^ (mixed >>> 16);
};
