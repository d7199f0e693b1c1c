import type { StoreContext } from "../context.ts";
import type { QueueOf } from "./mark-away.ts";
import { markBack } from "./mark-back.ts";

/** A realm says that a player is back. */
export const markPlayerBack = (context: StoreContext, queueOf: QueueOf, player: string): Promise<void> =>
  markBack(context, queueOf, [player], "");
