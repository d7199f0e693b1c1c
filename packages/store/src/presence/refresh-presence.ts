import type { StoreContext } from "../context.ts";
import { type Hold, type HolderBefore, holdPlayers } from "./hold-players.ts";
import { inChunks } from "./in-chunks.ts";
import type { QueueOf } from "./mark-away.ts";
import { markBack } from "./mark-back.ts";

/** How often a holder must say that its players are still there: see PRESENT_FOR_MS. */
export const REFRESH_EVERY_MS = 5_000;

/**
 * Says that players are still there. Whom nobody holds any more, since this holder was silent for too long, or a connection
 * that was opened before it, it holds again, and they are back.
 *
 * @param isUnsure when the call before this one for these players failed: it may have held some again, and have brought
 *   nobody back; so everybody held here is brought back who counts as away
 * @returns those whom other connections have taken over: they are this holder's no more
 */
export const refreshPresence = async (
  context: StoreContext,
  queueOf: QueueOf,
  holds: readonly Hold[],
  isUnsure = false,
): Promise<Hold[]> => {
  const before = await holdPlayers(context, holds, false);
  const isBack: Record<HolderBefore, boolean> = { nobody: true, earlier: true, own: isUnsure, other: false };
  const back = holds.filter((_, index) => isBack[before[index] ?? "other"]);
  await inChunks(back, ({ player, token }) => markBack(context, queueOf, [player], token));
  return holds.filter((_, index) => before[index] === "other");
};
