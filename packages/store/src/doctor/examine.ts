import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { DEFAULT_RETENTION } from "../context.ts";
import type { Keys } from "../keys.ts";
import { type Fault, faultIdentity } from "./fault.ts";
import { findFaults } from "./find-faults.ts";
import { readPartition } from "./read-partition.ts";
import { redisNow } from "./redis-now.ts";

const LOOKS = 3;
const BETWEEN_LOOKS_MS = 300;

/**
 * Reads a whole partition and says what is wrong with it. For a system that rests: while something moves, half of the
 * keys are read before and half after, which looks like a fault; `examineLive` tells those apart.
 */
export const examine = async (redis: Redis, keys: Keys, endedMs = DEFAULT_RETENTION.endedMs): Promise<Fault[]> => {
  const now = await redisNow(redis);
  return findFaults(await readPartition(redis, keys), keys, { now, endedMs });
};

/**
 * As `examine`, also while players come and go: a fault counts only when three looks, 300 ms apart, find it with the
 * same versions of what it is about. What merely changed while it was read has another version by the next look.
 */
export const examineLive = async (redis: Redis, keys: Keys, endedMs = DEFAULT_RETENTION.endedMs): Promise<Fault[]> => {
  let faults = await examine(redis, keys, endedMs);
  for (let look = 1; look < LOOKS && faults.length > 0; look++) {
    await sleep(BETWEEN_LOOKS_MS);
    const before = new Set(faults.map(faultIdentity));
    faults = (await examine(redis, keys, endedMs)).filter((fault) => before.has(faultIdentity(fault)));
  }
  return faults;
};
