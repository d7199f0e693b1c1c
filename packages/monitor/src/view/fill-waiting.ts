import { type Store, unpackTicket } from "@muster/store";
import { MAX_SHOWN, type WaitingTickets } from "./waiting-tickets.ts";

/** Fewer than this share of a queue's tickets, or than so many, are on their way here as events. */
const ON_THEIR_WAY = { share: 0.02, least: 10 };

/**
 * Shows those who wait and were not told of here, or for whom there was no room when they came. When more wait than are
 * shown, each queue has its share.
 *
 * @param depths tickets by queue
 * @param all also when those that are missing may be on their way
 */
export const fillWaiting = async (
  store: Pick<Store, "readRange">,
  waiting: WaitingTickets,
  depths: ReadonlyMap<string, number>,
  { now, all }: { now: number; all: boolean },
): Promise<void> => {
  const total = [...depths.values()].reduce((sum, depth) => sum + depth, 0);
  const share = Math.min(1, MAX_SHOWN / Math.max(1, total));
  const shown = waiting.countByQueue();
  for (const [queue, depth] of depths) {
    const room = Math.ceil(depth * share);
    let missing = room - (shown.get(queue) ?? 0);
    if (missing < (all ? 1 : Math.max(ON_THEIR_WAY.least, ON_THEIR_WAY.share * room))) continue;
    // Of a crowd at one elo this reads some by chance: others each time.
    const packed = await store.readRange(queue, { low: -Infinity, high: Infinity, centre: 1_000, limit: MAX_SHOWN });
    for (const { id, elo, players, createdAt } of packed.map(unpackTicket)) {
      if (missing <= 0) break;
      if (waiting.enter({ id, queue, elo, players: players.length, since: createdAt }, now)) missing -= 1;
    }
  }
};
