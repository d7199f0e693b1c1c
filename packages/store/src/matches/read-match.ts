import type { Match } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { toMatch } from "./match-record.ts";

/** A match that runs, or that ended not longer ago than the retention; null for any other id. */
export const readMatch = async ({ redis, keys }: StoreContext, id: string): Promise<Match | null> =>
  toMatch(id, await redis.hgetall(keys.match(id)));
