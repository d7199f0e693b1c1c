/** How long a read takes that waits for the one before, in ns. */
export interface MemoryLatency {
  /** Within 1 MiB: the processor's caches. */
  cachedNs: number;
  /** Within 64 MiB: mostly memory. */
  memoryNs: number;
}

const CACHED_MIB = 1;
const MEMORY_MIB = 64;
/** Numbers of 32 bits in a line of the processor's cache: each read is of another line. */
const NUMBERS_PER_LINE = 16;
const LINES_PER_MIB = 2 ** 20 / (4 * NUMBERS_PER_LINE);
const READS = 1_000_000;

/**
 * What differs most between two runs on a machine that is shared: arithmetic takes as long as ever, but who else uses the
 * memory makes each read of it wait. Takes about a second.
 */
export const measureMemoryLatency = (): MemoryLatency => ({
  cachedNs: readNs(CACHED_MIB),
  memoryNs: readNs(MEMORY_MIB),
});

const readNs = (mib: number): number => {
  const ring = ringOf(mib * LINES_PER_MIB);
  follow(ring, READS);
  const begin = performance.now();
  follow(ring, READS);
  return ((performance.now() - begin) * 1e6) / READS;
};

/** Each line says which is next, in one ring through all of them without any order: no processor guesses that. */
const ringOf = (lines: number): Uint32Array => {
  const next = new Uint32Array(lines * NUMBERS_PER_LINE);
  const order = Uint32Array.from({ length: lines }, (_, line) => line);
  for (let line = lines - 1; line > 0; line--) {
    const other = Math.floor(Math.random() * line);
    [order[line], order[other]] = [order[other] ?? 0, order[line] ?? 0];
  }
  for (let line = 0; line < lines; line++) {
    next[(order[line] ?? 0) * NUMBERS_PER_LINE] = (order[(line + 1) % lines] ?? 0) * NUMBERS_PER_LINE;
  }
  return next;
};

/** @returns where it ends, so that no compiler leaves the reads out */
const follow = (ring: Uint32Array, reads: number): number => {
  let at = 0;
  for (let read = 0; read < reads; read++) at = ring[at] ?? 0;
  return at;
};
