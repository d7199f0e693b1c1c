import { notePresence, playerOf } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { changeMatch } from "../matches/change-match.ts";
import { inChunks } from "./in-chunks.ts";
import type { QueueOf } from "./mark-away.ts";
import type { Groups } from "./read-groups.ts";

export interface Noted {
  away: boolean;
  /** Only of players for whom this connection stands when it is written; "" for none. Absent: of all. */
  token?: string;
}

/**
 * Notes in the matches of players that they are away, or back. Whoever is in no match is left out.
 *
 * @returns those who left their match meanwhile, to be looked at again
 */
export const noteInMatches = async (
  context: StoreContext,
  queueOf: QueueOf,
  players: Groups["others"],
  noted: Noted,
): Promise<string[]> => {
  const byMatch = new Map<string, string[]>();
  for (const { player, state } of players) {
    if (state.match === undefined || state.state === "inspector") continue;
    byMatch.set(state.match, [...(byMatch.get(state.match) ?? []), player]);
  }
  const moved = await inChunks([...byMatch], ([match, those]) => noteInMatch(context, queueOf, match, those, noted));
  return moved.flat();
};

const noteInMatch = async (
  context: StoreContext,
  queueOf: QueueOf,
  id: string,
  players: readonly string[],
  { away, token }: Noted,
): Promise<string[]> => {
  const { redis, keys } = context;
  let moved = [...players];
  await changeMatch(context, id, queueOf, async (queue, match, now) => {
    const tokens = token === undefined ? [] : await redis.hmget(keys.presenceHolders, ...players);
    const those = players.filter((_, index) => token === undefined || (tokens[index] ?? "") === token);
    moved = match.state === "ended" ? those : those.filter((player) => !playerOf(match, player));
    const change = notePresence(queue, match, new Set(those), away, now);
    return change && { ...change, ...(token !== undefined && { held: those.map((player) => ({ player, token })) }) };
  });
  return moved;
};
