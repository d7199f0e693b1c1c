import type { Random } from "@muster/core";

/** Below this many places, holes are not worth closing. */
const COMPACT_FROM = 64;

/** Something in the order in which it came. Its number only ever rises from one to the next. */
export interface Aged<Item> {
  readonly seq: number;
  readonly item: Item;
}

interface Placed<Item> extends Aged<Item> {
  place: number;
}

/** Items by age: the oldest, those after a number, and some by chance can be taken without looking at all. */
export class AgedList<Item> {
  /** With holes where items were deleted. */
  #places: (Placed<Item> | undefined)[] = [];
  #first = 0;
  #size = 0;
  #seq = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of the youngest that ever came; 0 before the first. */
  get lastSeq(): number {
    return this.#seq;
  }

  /** @returns what deletes it */
  add(item: Item): Aged<Item> {
    this.#seq += 1;
    this.#size += 1;
    const placed = { seq: this.#seq, item, place: this.#places.length };
    this.#places.push(placed);
    return placed;
  }

  /** @param aged as `add` returned it; succeeds if it is not there any more */
  delete(aged: Aged<Item>): void {
    const { place } = aged as Placed<Item>;
    if (this.#places[place] !== aged) return;
    this.#size -= 1;
    this.#places[place] = undefined;
    while (this.#first < this.#places.length && !this.#places[this.#first]) this.#first += 1;
    if (this.#places.length > COMPACT_FROM && this.#places.length > 2 * this.#size) this.#compact();
  }

  /** Those with a number above `seq`, the oldest first. */
  *after(seq: number): Generator<Aged<Item>> {
    for (let place = this.#placeAfter(seq); place < this.#places.length; place++) {
      const aged = this.#places[place];
      if (aged) yield aged;
    }
  }

  /** Adds up to so many to these, by chance, of those who are neither among them nor passed over. */
  some(count: number, random: Random, chosen: Set<Item>, isPassedOver: (item: Item) => boolean): void {
    const width = this.#places.length - this.#first;
    const enough = Math.min(chosen.size + count, this.#size);
    const take = (step: number) => {
      const item = this.#places[this.#first + step]?.item;
      if (item !== undefined && !isPassedOver(item)) chosen.add(item);
    };
    for (let tries = 0; tries < 4 * count && chosen.size < enough; tries++) take(Math.floor(random.next() * width));
    // Where nearly all are taken, or many are passed over, chance finds the last ones late.
    const start = Math.floor(random.next() * width);
    for (let step = 0; step < width && chosen.size < enough; step++) take((start + step) % width);
  }

  /** By halving. Numbers rise with places, but a hole has lost its own: so the next place that is none is asked. */
  #placeAfter(seq: number): number {
    let [low, high] = [this.#first, this.#places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      let place = middle;
      while (place < high && !this.#places[place]) place += 1;
      const aged = this.#places[place];
      if (place === high || (aged && aged.seq > seq)) high = middle;
      else low = place + 1;
    }
    return low;
  }

  #compact(): void {
    const placed = this.#places.filter((each) => each !== undefined);
    for (const [place, each] of placed.entries()) each.place = place;
    this.#places = placed;
    this.#first = 0;
  }
}
