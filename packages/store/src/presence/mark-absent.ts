import type { StoreContext } from "../context.ts";
import { markAway, type QueueOf } from "./mark-away.ts";

/** Players for whom no connection stands are away; others are left alone. */
export const markAbsent = (context: StoreContext, queueOf: QueueOf, players: readonly string[]): Promise<void> =>
  markAway(context, queueOf, players, { who: "nobody" });
