/** So many indexes fit beside a coarse key into the 53 bits of an exact number. */
const INDEX_LIMIT = 2 ** 20;
const COARSE_LIMIT = 2 ** 31;
/** Moves per key in the second pass; more of them, and the keys lie too close together for coarse ones. */
const MAX_MOVES_PER_KEY = 8;

/** Which of two indexes with equal keys comes first, as a comparator says it. */
export type TieBreak = (a: number, b: number) => number;

const firstIndex: TieBreak = (a, b) => a - b;

/**
 * The indexes of the keys (no NaN) in ascending order of key; of equal keys, in the order of `tie`, or else of index.
 *
 * Sorting numbers takes Node a third of the time that sorting by a comparator takes. So each index is packed beneath a
 * coarse key into one number, and what coarse keys leave in disorder is put right by an insertion sort, which has next
 * to nothing to do.
 */
export const ascending = (keys: Float64Array, tie = firstIndex): Uint32Array => {
  const coarse = keys.length <= INDEX_LIMIT ? byCoarseKey(keys) : undefined;
  return (coarse && insertInOrder(keys, coarse, tie)) ?? byComparator(keys, tie);
};

const byComparator = (keys: Float64Array, tie: TieBreak): Uint32Array =>
  Uint32Array.from(keys.keys()).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || tie(a, b));

/** Undefined when the keys can't be scaled. */
const byCoarseKey = (keys: Float64Array): Float64Array | undefined => {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const key of keys) {
    if (key < lowest) lowest = key;
    if (key > highest) highest = key;
  }
  const scale = highest > lowest ? (COARSE_LIMIT - 1) / (highest - lowest) : 0;
  // The scale itself overflows when all keys differ by next to nothing.
  if (!Number.isFinite(highest - lowest) || !Number.isFinite(scale)) return undefined;
  const packed = new Float64Array(keys.length);
  for (let index = 0; index < keys.length; index++) {
    packed[index] = Math.floor(((keys[index] ?? 0) - lowest) * scale) * INDEX_LIMIT + index;
  }
  return packed.sort();
};

/** Undefined when it would take too long. */
const insertInOrder = (keys: Float64Array, packed: Float64Array, tie: TieBreak): Uint32Array | undefined => {
  const order = new Uint32Array(packed.length);
  let moves = MAX_MOVES_PER_KEY * packed.length;
  for (let place = 0; place < packed.length; place++) {
    const index = (packed[place] ?? 0) % INDEX_LIMIT;
    const key = keys[index] ?? 0;
    let to = place;
    for (; to > 0; to--) {
      const other = order[to - 1] ?? 0;
      const otherKey = keys[other] ?? 0;
      if (otherKey < key || (otherKey === key && tie(other, index) < 0)) break;
      order[to] = other;
      if (moves-- <= 0) return undefined;
    }
    order[to] = index;
  }
  return order;
};
