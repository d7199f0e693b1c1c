/**
 * Bits of a digit, of which a radix sort takes two of a coarse key. For many keys it is as long as lets its counts stay in
 * the first cache, and one holds all elos that players have; for few, its counts are fewer than the keys or not many more.
 */
const DIGIT_BITS = { few: 8, many: 12 };
const MANY = 2_048;
/** Fewer keys than these are sooner inserted, in whatever disorder they come, than a digit's counts are added up. */
const FEW = 48;
/** Moves per key in the second pass; more of them, and the keys lie too close together for coarse ones. */
const MAX_MOVES_PER_KEY = 8;

/** Which of two indexes with equal keys comes first, as a comparator says it. */
export type TieBreak = (a: number, b: number) => number;

const firstIndex: TieBreak = (a, b) => a - b;

/**
 * The indexes of the keys (no NaN) in ascending order of key; of equal keys, in the order of `tie`, or else of index.
 *
 * A sort by a comparator takes Node ten times as long as a radix sort. So the indexes are sorted by coarse keys of two
 * digits first, and what these leave in disorder is put right by an insertion sort, which has next to nothing to do. Keys
 * that come nearly in order, as times do, are left to the insertion sort alone; and whole numbers that lie close together,
 * as elos do, are told apart by one digit.
 */
export const ascending = (keys: Float64Array, tie = firstIndex): Uint32Array => {
  const isFew = keys.length < FEW;
  const bits = keys.length < MANY ? DIGIT_BITS.few : DIGIT_BITS.many;
  const digits = tie === firstIndex && !isFew ? asDigits(keys, bits) : undefined;
  if (digits) return sortByDigit(digits, indexesOf(keys), 0, bits);
  const inOrder = insertInOrder(keys, indexesOf(keys), tie, isFew ? Infinity : keys.length);
  if (inOrder) return inOrder;
  const coarse = coarseKeys(keys, bits);
  const moves = MAX_MOVES_PER_KEY * keys.length;
  return (coarse && insertInOrder(keys, sortByDigits(coarse, bits), tie, moves)) ?? byComparator(keys, tie);
};

const indexesOf = ({ length }: ArrayLike<number>): Uint32Array => {
  const indexes = new Uint32Array(length);
  for (let index = 0; index < length; index++) indexes[index] = index;
  return indexes;
};

/** The keys themselves, counted from the lowest, where each is one digit; undefined where one isn't. */
const asDigits = (keys: Float64Array, bits: number): Uint32Array | undefined => {
  const { lowest, highest } = endsOf(keys);
  if (!(highest - lowest < 2 ** bits)) return undefined;
  const digits = new Uint32Array(keys.length);
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] ?? 0;
    const digit = (key - lowest) >>> 0;
    // Not the difference alone: it may be whole because it was rounded.
    if (lowest + digit !== key) return undefined;
    digits[index] = digit;
  }
  return digits;
};

const byComparator = (keys: Float64Array, tie: TieBreak): Uint32Array =>
  Uint32Array.from(keys.keys()).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || tie(a, b));

/** Undefined when the keys can't be scaled. */
const coarseKeys = (keys: Float64Array, bits: number): Uint32Array | undefined => {
  const { lowest, highest } = endsOf(keys);
  const scale = highest > lowest ? (2 ** (2 * bits) - 1) / (highest - lowest) : 0;
  // The scale itself overflows when all keys differ by next to nothing.
  if (!Number.isFinite(highest - lowest) || !Number.isFinite(scale)) return undefined;
  const coarse = new Uint32Array(keys.length);
  for (let index = 0; index < keys.length; index++) coarse[index] = ((keys[index] ?? 0) - lowest) * scale;
  return coarse;
};

const endsOf = (keys: Float64Array): { lowest: number; highest: number } => {
  let lowest = Infinity;
  let highest = -Infinity;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] ?? 0;
    if (key < lowest) lowest = key;
    if (key > highest) highest = key;
  }
  return { lowest, highest };
};

/** The indexes of the keys in their order; of equal ones, the first first. */
const sortByDigits = (keys: Uint32Array, bits: number): Uint32Array => {
  const byLowDigit = sortByDigit(keys, indexesOf(keys), 0, bits);
  return sortByDigit(keys, byLowDigit, bits, bits);
};

/** One pass of a radix sort: keeps the order of those that have the same digit. */
const sortByDigit = (keys: Uint32Array, indexes: Uint32Array, shift: number, bits: number): Uint32Array => {
  const mask = 2 ** bits - 1;
  /** Where the next one with this digit goes. */
  const places = new Uint32Array(mask + 2);
  for (const key of keys) {
    const next = ((key >>> shift) & mask) + 1;
    places[next] = (places[next] ?? 0) + 1;
  }
  for (let digit = 1; digit <= mask; digit++) places[digit] = (places[digit] ?? 0) + (places[digit - 1] ?? 0);
  const sorted = new Uint32Array(indexes.length);
  for (const index of indexes) {
    const digit = ((keys[index] ?? 0) >>> shift) & mask;
    const place = places[digit] ?? 0;
    places[digit] = place + 1;
    sorted[place] = index;
  }
  return sorted;
};

/** Undefined when it would take more than so many moves. */
const insertInOrder = (
  keys: Float64Array,
  indexes: Uint32Array,
  tie: TieBreak,
  maxMoves: number,
): Uint32Array | undefined => {
  const order = new Uint32Array(indexes.length);
  let moves = maxMoves;
  for (let place = 0; place < indexes.length; place++) {
    const index = indexes[place] ?? 0;
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
