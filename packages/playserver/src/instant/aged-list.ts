import type { Random } from "@muster/core";

/** Below this many places, holes are not worth closing. */
const COMPACT_FROM = 64;

/** Something in the order in which it came. Its number only ever rises from one to the next. */
export interface Aged<Item> {
  readonly seq: number;
  readonly item: Item;
}

/** Items by age: the oldest, those after a number, and some by chance can be taken without looking at all. */
export class AgedList<Item> {
  /** With holes where items were deleted. */
  #places: (Aged<Item> | undefined)[] = [];
  readonly #placeOf = new Map<Item, number>();
  #first = 0;
  #seq = 0;

  get size(): number {
    return this.#placeOf.size;
  }

  /** The number of the youngest that ever came; 0 before the first. */
  get lastSeq(): number {
    return this.#seq;
  }

  /** @returns its number; that which it has when it is there already */
  add(item: Item): number {
    const place = this.#placeOf.get(item);
    if (place !== undefined) return this.#places[place]?.seq ?? 0;
    this.#seq += 1;
    this.#placeOf.set(item, this.#places.length);
    this.#places.push({ seq: this.#seq, item });
    return this.#seq;
  }

  /** Succeeds if it is not there. */
  delete(item: Item): void {
    const place = this.#placeOf.get(item);
    if (place === undefined) return;
    this.#placeOf.delete(item);
    this.#places[place] = undefined;
    while (this.#first < this.#places.length && !this.#places[this.#first]) this.#first += 1;
    if (this.#places.length > COMPACT_FROM && this.#places.length > 2 * this.size) this.#compact();
  }

  /** The oldest with a number above `seq`, in order. */
  *after(seq: number): Generator<Aged<Item>> {
    for (let place = Math.max(this.#first, this.#placeAfter(seq)); place < this.#places.length; place++) {
      const aged = this.#places[place];
      if (aged) yield aged;
    }
  }

  /** Up to so many by chance, none twice; fewer where holes are met too often. */
  some(count: number, random: Random): Item[] {
    const found = new Set<Item>();
    const width = this.#places.length - this.#first;
    for (let tries = 0; tries < 4 * count && found.size < count; tries++) {
      const aged = this.#places[this.#first + Math.floor(random.next() * width)];
      if (aged) found.add(aged.item);
    }
    return [...found];
  }

  /** Numbers rise with places, holes aside, but a hole has lost its own: so the holes' neighbours are asked. */
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
    this.#places = this.#places.filter((aged) => aged !== undefined);
    this.#first = 0;
    for (const [place, aged] of this.#places.entries()) if (aged) this.#placeOf.set(aged.item, place);
  }
}
