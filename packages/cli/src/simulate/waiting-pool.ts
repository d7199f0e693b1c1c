/** What a pool holds: something at a place on the elo axis. `order` is its own, so that equal elos have an order. */
export interface Pooled {
  readonly elo: number;
  readonly order: number;
}

/** What waits, in order of elo: a range is read outwards from any elo. */
export class WaitingPool<Item extends Pooled> {
  readonly #items: Item[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: Item): void {
    this.#items.splice(this.#placeOf(item), 0, item);
  }

  has(item: Item): boolean {
    return this.#items[this.#placeOf(item)] === item;
  }

  /** Succeeds if it is already gone. */
  remove(item: Item): void {
    const place = this.#placeOf(item);
    if (this.#items[place] === item) this.#items.splice(place, 1);
  }

  /** Up to `limit` items with an elo from `low` to `high`, nearest to `centre` first. */
  near({ low, high, centre, limit }: { low: number; high: number; centre: number; limit: number }): Item[] {
    const found: Item[] = [];
    let above = this.#placeOf({ elo: centre, order: -1 });
    let below = above - 1;
    while (found.length < limit) {
      const under = this.#items[below];
      const over = this.#items[above];
      const lower = under && under.elo >= low ? under : undefined;
      const upper = over && over.elo <= high ? over : undefined;
      if (upper && (!lower || upper.elo - centre <= centre - lower.elo)) {
        found.push(upper);
        above += 1;
      } else if (lower) {
        found.push(lower);
        below -= 1;
      } else break;
    }
    return found;
  }

  /** The index of the first item that doesn't come before this one. */
  #placeOf({ elo, order }: Pooled): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#items[middle];
      if (other && (other.elo < elo || (other.elo === elo && other.order < order))) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
