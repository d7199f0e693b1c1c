import type { StoreContext } from "../context.ts";
import { loadScript, runScript } from "../redis/run-script.ts";

const script = loadScript(new URL("./drop-ended.lua", import.meta.url));

/**
 * Drops the records of tickets whose match is over for as long as its outcome is kept. Those that a commit ends together
 * stand in one entry of an index and are dropped together, since to let each expire by itself costs Redis a sixth of the
 * commit. Two callers at once do no harm.
 *
 * @param limit entries at most: each has as many tickets as a commit of some sixty players
 * @returns how many entries there were
 */
export const dropEnded = async ({ redis, keys, clock }: StoreContext, limit: number): Promise<number> => {
  const entries = await redis.zrangebyscore(keys.endedTickets, "-inf", clock.now(), "LIMIT", 0, limit);
  if (entries.length === 0) return 0;
  const ids = entries.flatMap((entry) => entry.split(" "));
  await runScript(redis, script, [keys.endedTickets, ...ids.map(keys.ticket)], entries);
  return entries.length;
};
