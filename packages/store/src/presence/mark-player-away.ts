import type { StoreContext } from "../context.ts";
import { markAway, type QueueOf } from "./mark-away.ts";

/** A realm says that a player is away, whatever its own connection says; that one stays as it is. */
export const markPlayerAway = (context: StoreContext, queueOf: QueueOf, player: string): Promise<void> =>
  markAway(context, queueOf, [player], { who: "realm" });
