import type { StoreContext } from "../context.ts";
import { type Hold, holdPlayers } from "./hold-players.ts";
import { inChunks } from "./in-chunks.ts";
import type { QueueOf } from "./mark-away.ts";
import { markBack } from "./mark-back.ts";

/** How often a holder must say that its players are still there: see PRESENT_FOR_MS. */
export const REFRESH_EVERY_MS = 5_000;

/**
 * Says that players are still there. Whom nobody holds any more, since this holder was silent for too long, it holds
 * again, and they are back.
 *
 * @returns those whom other connections have taken over: they are this holder's no more
 */
export const refreshPresence = async (
  context: StoreContext,
  queueOf: QueueOf,
  holds: readonly Hold[],
): Promise<Hold[]> => {
  const before = await holdPlayers(context, holds, false);
  const lost = holds.filter((_, index) => before[index] === "nobody");
  await inChunks(lost, ({ player, token }) => markBack(context, queueOf, [player], token));
  return holds.filter((_, index) => before[index] === "other");
};
