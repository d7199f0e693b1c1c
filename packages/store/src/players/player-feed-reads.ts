import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { takeSome } from "./player-feed-take-some.ts";

/** Keeps one reply, and so the pause of everything else in this process, well under a millisecond. */
const READ_CHUNK = 500;
const FIRST_RETRY_MS = 25;
const LAST_RETRY_MS = 400;

export interface Reads {
  /** The player's state may have changed: it will be read, however often that must be tried. */
  mark(player: string): void;
  unmark(player: string): void;
  /** Marked players whose read hasn't begun. */
  readonly waiting: number;
  stop(): void;
}

/**
 * Reads the states of marked players, one MGET at a time. A mark that comes while nothing is being read is read in the
 * same turn of the event loop; marks that come while an MGET is under way gather for the next one. So latency is lowest
 * at low load, and the round trips per change fall as the load grows.
 *
 * @param take is given each state read, null where there is no key
 * @param failed is called at each failed read, `worked` at each that succeeded
 */
export const startReads = ({
  redis,
  keyOf,
  take,
  failed,
  worked,
}: {
  redis: Redis;
  keyOf: (player: string) => string;
  take: (player: string, text: string | null) => void;
  failed: (error: unknown) => void;
  worked: () => void;
}): Reads => {
  const marked = new Set<string>();
  let reading = false;
  let stopped = false;

  const readChunk = async (players: string[]): Promise<boolean> => {
    let texts: (string | null)[];
    try {
      texts = await redis.mget(players.map(keyOf));
    } catch (error) {
      for (const player of players) marked.add(player);
      if (!stopped) failed(error);
      return false;
    }
    worked();
    players.forEach((player, index) => {
      take(player, texts[index] ?? null);
    });
    return true;
  };

  const readAll = async () => {
    let retryMs = FIRST_RETRY_MS;
    while (marked.size > 0 && !stopped) {
      if (await readChunk(takeSome(marked, READ_CHUNK))) {
        retryMs = FIRST_RETRY_MS;
      } else {
        await sleep(retryMs, undefined, { ref: false });
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
    }
    reading = false;
  };

  return {
    mark: (player) => {
      marked.add(player);
      if (reading || stopped) return;
      reading = true;
      setImmediate(readAll);
    },
    unmark: (player) => {
      marked.delete(player);
    },
    get waiting() {
      return marked.size;
    },
    stop: () => {
      stopped = true;
    },
  };
};
