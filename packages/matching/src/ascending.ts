/** The indexes of the keys in ascending order of key; of equal keys, the first one first. */
export const ascending = (keys: Float64Array): Uint32Array =>
  Uint32Array.from(keys.keys()).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
