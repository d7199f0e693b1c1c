import { type Match, type MatchState, playersOf } from "@muster/core";
import type { StoreContext } from "../context.ts";

/**
 * What a match's record keeps as JSON. Beside it stand what scripts and transactions look at: the version, which rises
 * with whatever a join depends on, and the revision, which rises with every change.
 */
export type MatchBody = Omit<
  Match,
  "id" | "queue" | "state" | "version" | "createdAt" | "endsAt" | "endedAt" | "joined"
>;

export const bodyOf = (match: Match): MatchBody => {
  const {
    id: _,
    queue: _q,
    state: _s,
    version: _v,
    createdAt: _c,
    endsAt: _e,
    endedAt: _n,
    joined: _j,
    ...body
  } = match;
  return body;
};

/** A match that runs, or that ended not longer ago than the retention; null for any other id. */
export const readMatch = async ({ redis, keys }: StoreContext, id: string): Promise<Match | null> =>
  toMatch(id, await redis.hgetall(keys.match(id)));

/** A match out of its record; null when there is none. */
export const toMatch = (id: string, record: Readonly<Record<string, string>>): Match | null => {
  const { queue, state, version, createdAt, endsAt, endedAt, body } = record;
  if (!queue || !body) return null;
  const match = {
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
  return { ...match, joined: playersOf(match).filter(({ presence }) => presence !== undefined).length };
};
