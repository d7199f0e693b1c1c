import { effectiveTries, type Queue, stepFor } from "@muster/core";
import { closestPairs } from "./closest-pairs.ts";
import type { Policy } from "./play.ts";

/** A queue's own steps, of which only the elo spread counts: what Muster does. */
export const widening = (queue: Queue): Policy => ({
  looksEveryMs: 250,
  choose: ({ waiting, nowMs }) =>
    closestPairs(waiting, ({ atMs }) => {
      // A ticket is tried when it comes, and again whenever `retryEveryMs` have passed.
      const tries = Math.floor((nowMs - atMs) / queue.retryEveryMs);
      return stepFor(queue, effectiveTries(queue, { tries, createdAt: atMs }, nowMs)).eloSpread ?? Infinity;
    }),
});
