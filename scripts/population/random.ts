/** A source of numbers in [0, 1). */
export type Random = () => number;

/** The mulberry32 generator (Tommy Ettinger, public domain): small, fast and the same on every platform. */
export function mulberry32(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of `items`, each as likely as any other. */
export function pick<T>(items: readonly T[], random: Random): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("cannot pick from an empty list");
  return item;
}

/** `count` of `items` without replacement, in random order. All of them, shuffled, when `count` is their number. */
export function sample<T>(items: readonly T[], count: number, random: Random): T[] {
  if (count > items.length) throw new Error(`cannot sample ${count} of ${items.length}`);
  const order = [...items];
  for (let at = 0; at < count; at++) {
    const other = at + Math.floor(random() * (order.length - at));
    [order[at], order[other]] = [order[other] as T, order[at] as T];
  }
  return order.slice(0, count);
}

/** A chooser of `items` in proportion to `weight`. Items of weight 0 are never chosen; null when no weight is left. */
export function weightedChooser<T>(items: readonly T[], weight: (item: T) => number): ((random: Random) => T) | null {
  const steps: { item: T; upTo: number }[] = [];
  let total = 0;
  for (const item of items) {
    if (weight(item) <= 0) continue;
    total += weight(item);
    steps.push({ item, upTo: total });
  }
  if (steps.length === 0) return null;
  return (random) => {
    const target = random() * total;
    const chosen = steps.find(({ upTo }) => upTo > target);
    if (!chosen) throw new Error("a random number of 1 or more");
    return chosen.item;
  };
}
