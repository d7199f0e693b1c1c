import type { Match, MatchState } from "@muster/core";
import type { StoreContext } from "../context.ts";

/** What a match's record keeps as JSON; it changes only with the version. */
export type MatchBody = Pick<Match, "teams" | "eloGap" | "quality" | "region" | "left">;

/** A match that runs, or that ended not longer ago than the retention; null for any other id. */
export const readMatch = async ({ redis, keys }: StoreContext, id: string): Promise<Match | null> =>
  toMatch(id, await redis.hgetall(keys.match(id)));

/** A match out of its record; null when there is none. */
export const toMatch = (id: string, record: Readonly<Record<string, string>>): Match | null => {
  const { queue, state, version, createdAt, endsAt, endedAt, body } = record;
  if (!queue || !body) return null;
  return {
    id,
    queue,
    // The commit and the scripts write no other state and no other body.
    state: state as MatchState,
    version: Number(version),
    createdAt: Number(createdAt),
    endsAt: Number(endsAt),
    ...(endedAt && { endedAt: Number(endedAt) }),
    ...(JSON.parse(body) as MatchBody),
  };
};
