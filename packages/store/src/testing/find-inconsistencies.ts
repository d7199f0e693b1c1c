import type { Redis } from "ioredis";
import { type Examined, examineLive } from "../doctor/examine.ts";
import type { Keys } from "../keys.ts";

/**
 * What breaks the invariants in a partition whose players rest, in one line each; tickets that wait may be tried
 * meanwhile. Says nothing of what is overdue: tests run on clocks of their own, and without a sweeper.
 *
 * @param isOwn of what has which id it tells, where several processes look together; absent: of all
 */
export const findInconsistencies = async (redis: Redis, keys: Keys, isOwn?: Examined["isOwn"]): Promise<string[]> => {
  const faults = await Array.fromAsync(examineLive({ redis, keys, ...(isOwn && { isOwn }) }));
  return faults.filter(({ kind }) => !kind.startsWith("overdue-")).map(({ text }) => text);
};
