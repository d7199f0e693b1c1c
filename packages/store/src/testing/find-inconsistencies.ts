import type { Redis } from "ioredis";
import { examineLive } from "../doctor/examine.ts";
import type { Keys } from "../keys.ts";

/**
 * What breaks the invariants in a partition whose players rest, in one line each; tickets that wait may be tried
 * meanwhile. Says nothing of what is overdue: tests run on clocks of their own, and without a sweeper.
 */
export const findInconsistencies = async (redis: Redis, keys: Keys): Promise<string[]> => {
  const faults = await Array.fromAsync(examineLive({ redis, keys }));
  return faults.filter(({ kind }) => !kind.startsWith("overdue-")).map(({ text }) => text);
};
