/** Items by the time at which they are due: a binary heap. Equal times come out in the order in which they went in. */
export class DueTimes<Item> {
  readonly #heap: { atMs: number; order: number; item: Item }[] = [];
  #added = 0;

  /** When the next one is due; Infinity when there is none. */
  get nextMs(): number {
    return this.#heap[0]?.atMs ?? Infinity;
  }

  add(atMs: number, item: Item): void {
    const heap = this.#heap;
    const entry = { atMs, order: this.#added++, item };
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const up = (place - 1) >>> 1;
      const parent = heap[up];
      if (!parent || !isBefore(entry, parent)) break;
      heap[place] = parent;
      place = up;
    }
    heap[place] = entry;
  }

  /** Takes out all that are due by then. */
  take(byMs: number): Item[] {
    const due: Item[] = [];
    for (let first = this.#heap[0]; first && first.atMs <= byMs; first = this.#heap[0]) {
      due.push(first.item);
      this.#dropFirst();
    }
    return due;
  }

  #dropFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let place = 0;
    for (;;) {
      const left = heap[2 * place + 1];
      const right = heap[2 * place + 2];
      const child = right && left && isBefore(right, left) ? right : left;
      if (!child || !isBefore(child, last)) break;
      heap[place] = child;
      place = child === left ? 2 * place + 1 : 2 * place + 2;
    }
    heap[place] = last;
  }
}

const isBefore = (a: { atMs: number; order: number }, b: { atMs: number; order: number }): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
