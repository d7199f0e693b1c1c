import type { StoreContext } from "../context.ts";
import { eloBucket } from "../keys.ts";
import { withId } from "./pack-ticket.ts";

/** A ticket as it was packed before, and the elo under which it waited then. */
export interface PackedTicket {
  readonly packed: string;
  readonly elo: number;
}

/**
 * What has become of tickets that waited a while ago: each as it is packed now, or undefined where it doesn't wait under
 * that elo any more.
 */
export const readWaiting = async (
  { redis, keys }: StoreContext,
  queue: string,
  tickets: readonly PackedTicket[],
): Promise<(string | undefined)[]> => {
  const ids = tickets.map(({ packed }) => packed.slice(0, packed.indexOf(" ")));
  const byBucket = Map.groupBy(tickets.keys(), (index) => eloBucket(tickets[index]?.elo ?? 0));
  const waiting: (string | undefined)[] = tickets.map(() => undefined);
  await Promise.all(
    [...byBucket].map(async ([bucket, indexes]) => {
      const found = await redis.hmget(keys.eloBucket(queue, bucket), ...indexes.map((index) => ids[index] ?? ""));
      for (const [n, index] of indexes.entries()) {
        const indexed = found[n];
        if (typeof indexed === "string") waiting[index] = withId(ids[index] ?? "", indexed);
      }
    }),
  );
  return waiting;
};
