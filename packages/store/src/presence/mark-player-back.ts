import type { StoreContext } from "../context.ts";
import type { QueueOf } from "./mark-away.ts";
import { markBack } from "./mark-back.ts";
import { writeMatchEvents } from "./write-match-events.ts";

/** A realm says that a player is back. */
export const markPlayerBack = async (context: StoreContext, queueOf: QueueOf, player: string): Promise<void> => {
  const others = await markBack(context, queueOf, [player], "");
  await writeMatchEvents(context, "reconnected", others);
};
