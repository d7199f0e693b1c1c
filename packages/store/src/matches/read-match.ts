import type { Match, MatchState } from "@muster/core";
import type { StoreContext } from "../context.ts";

/** What never changes of a match. */
export type MatchBody = Pick<Match, "version" | "teams" | "eloGap" | "quality" | "region">;

/** A match that runs, or that ended not longer ago than the retention; null for any other id. */
export const readMatch = async ({ redis, keys }: StoreContext, id: string): Promise<Match | null> => {
  const { queue, state, createdAt, endsAt, endedAt, body } = await redis.hgetall(keys.match(id));
  if (!queue || !body) return null;
  return {
    id,
    queue,
    // The commit and the scripts write no other state and no other body.
    state: state as MatchState,
    createdAt: Number(createdAt),
    endsAt: Number(endsAt),
    ...(endedAt && { endedAt: Number(endedAt) }),
    ...(JSON.parse(body) as MatchBody),
  };
};
