import { setTimeout as sleep } from "node:timers/promises";
import { type Fault, faultIdentity } from "./fault.ts";
import { findFaults } from "./find-faults.ts";
import type { Reader } from "./read-around.ts";
import { type Part, readParts, readSubjects } from "./read-parts.ts";
import { redisNow } from "./redis-now.ts";

const LOOKS = 3;
const BETWEEN_LOOKS_MS = 300;
/** So many that look wrong are looked at again together: some megabytes, and a pause for each so many. */
const SUSPECTS = 5_000;

export type Examined = Omit<Reader, "watch">;

/**
 * What looks wrong in a partition, part by part; what it names twice is one. For a system that rests: while something
 * moves, half of the keys are read before and half after, which looks like a fault; `examineLive` tells those apart.
 */
export const examine = async function* (examined: Examined): AsyncGenerator<Fault[]> {
  for await (const part of readParts({ ...examined, watch: false })) yield await faultsOf(examined, part);
};

const faultsOf = async ({ redis, keys }: Examined, { about, read }: Part): Promise<Fault[]> => {
  const faults = findFaults(read, keys, await redisNow(redis));
  // Of what these name not all was read that it names itself.
  return faults.filter((fault) => fault.about === about);
};

/**
 * As `examine`, also while players come and go: a fault counts only when three looks, 300 ms apart, find it with the
 * same versions of what it is about. What merely changed while it was read has another version by the next look.
 *
 * @throws the signal's reason once that is aborted
 */
export const examineLive = async function* (examined: Examined, signal?: AbortSignal): AsyncGenerator<Fault> {
  const suspects = new Map<string, Fault>();
  for await (const faults of examine(examined)) {
    signal?.throwIfAborted();
    for (const fault of faults) suspects.set(faultIdentity(fault), fault);
    if (suspects.size < SUSPECTS) continue;
    yield* await confirmed(examined, suspects, signal);
    suspects.clear();
  }
  yield* await confirmed(examined, suspects, signal);
};

/** Those of the suspects that are still there in each of the looks that are left. */
const confirmed = async (
  examined: Examined,
  suspects: ReadonlyMap<string, Fault>,
  signal?: AbortSignal,
): Promise<Fault[]> => {
  let left = [...suspects.values()];
  for (let look = 1; look < LOOKS && left.length > 0; look++) {
    await sleep(BETWEEN_LOOKS_MS, undefined, signal && { signal });
    const found: Fault[] = [];
    for (const [about, faults] of Map.groupBy(left, (fault) => fault.about)) {
      for await (const part of readSubjects({ ...examined, watch: false }, about, faults)) {
        signal?.throwIfAborted();
        found.push(...(await faultsOf(examined, part)));
      }
    }
    const before = new Set(left.map(faultIdentity));
    left = found.filter((fault) => before.has(faultIdentity(fault)));
  }
  return left;
};
