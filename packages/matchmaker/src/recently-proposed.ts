import type { Clock } from "@muster/core";

/** A commit takes a few ms; a proposal that is still open after this long has most likely failed. */
export const REMEMBERED_MS = 500;

/**
 * Tickets that this matchmaker has just proposed. Ranges overlap, and until the mover has committed a proposal its
 * tickets still show in them: to propose them again would only make a conflict.
 */
export interface RecentlyProposed {
  add(tickets: readonly { id: string; version: number }[]): void;
  /** @param seen a ticket's "id version" */
  has(seen: string): boolean;
}

export const seenOf = ({ id, version }: { id: string; version: number }) => `${id} ${version}`;

export const createRecentlyProposed = (clock: Clock): RecentlyProposed => {
  // Insertion order is age order, since all are remembered equally long.
  const proposedAt = new Map<string, number>();
  const forgetOld = () => {
    const oldest = clock.now() - REMEMBERED_MS;
    for (const [key, at] of proposedAt) {
      if (at > oldest) return;
      proposedAt.delete(key);
    }
  };
  return {
    add(tickets) {
      forgetOld();
      const now = clock.now();
      for (const ticket of tickets) {
        const key = seenOf(ticket);
        // Deleted first, so that it moves to the end.
        proposedAt.delete(key);
        proposedAt.set(key, now);
      }
    },
    has: (seen) => (proposedAt.get(seen) ?? -Infinity) > clock.now() - REMEMBERED_MS,
  };
};
