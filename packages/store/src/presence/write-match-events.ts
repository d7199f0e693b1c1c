import type { StoreContext } from "../context.ts";
import type { Groups } from "./read-groups.ts";

/** Calls under way at once: enough to keep Redis busy, few enough to let others in between. */
const AT_ONCE = 100;

/** Runs an operation for all items, some at a time; its results in their order. */
export const inChunks = async <Item, Result>(
  items: readonly Item[],
  operation: (item: Item) => Promise<Result>,
): Promise<Result[]> => {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map(operation))));
  }
  return results;
};

/** Tells of those who are in a match that they went away or came back; nothing else changes for them. */
export const writeMatchEvents = async (
  { redis, keys, clock, retention }: StoreContext,
  type: "disconnected" | "reconnected",
  players: Groups["others"],
): Promise<void> => {
  const pipeline = redis.pipeline();
  for (const { player, state } of players) {
    if (state.match === undefined || state.queue === undefined) continue;
    pipeline.xadd(
      ...([keys.events, "MAXLEN", "~", retention.events, "*", "type", type, "queue", state.queue] as const),
      ...["player", player, "match", state.match, "at", String(clock.now())],
    );
  }
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
};
