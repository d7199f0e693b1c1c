import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { takeSome } from "./player-feed-take-some.ts";

/** Few enough that neither Redis nor the replies of one command hold anything up. */
const SUBSCRIBE_CHUNK = 500;
const RETRY_MS = 500;

export interface Channels {
  /** Starts to listen to a player: `joined` is called once Redis confirmed it. */
  join(player: string): void;
  leave(player: string): void;
  /** The connection is up, and new: all `players` must be joined again, nobody else is. */
  connected(players: Iterable<string>): void;
  /** The connection is down; until `connected`, players that join or leave are only noted. */
  lost(): void;
  /** Players that aren't listened to yet. */
  readonly waiting: number;
}

/**
 * Keeps the subscriber connection subscribed to just the channels of the players who joined. Commands go out one chunk
 * at a time, so what was asked last of a player is what holds, however fast it joins and leaves.
 *
 * ioredis' autoResubscribe stays off: it subscribes to all channels in one command (100,000 of them hold up Redis and
 * can exceed the output buffer limit), tells nobody when it is done, and its failure is an unhandled rejection.
 */
export const openChannels = ({
  redis,
  channelOf,
  isHeld,
  joined,
  failed,
  worked,
}: {
  redis: Redis;
  channelOf: (player: string) => string;
  /** Whether the player's last change was to join. */
  isHeld: (player: string) => boolean;
  joined: (players: readonly string[]) => void;
  failed: (error: unknown) => void;
  worked: () => void;
}): Channels => {
  const joining = new Set<string>();
  const leaving = new Set<string>();
  let up = false;
  let working = false;

  const subscribeSome = async () => {
    const players = takeSome(joining, SUBSCRIBE_CHUNK);
    if (players.length === 0) return;
    try {
      await redis.subscribe(...players.map(channelOf));
    } catch (error) {
      // Whoever left meanwhile is in `leaving`, and is taken off whether or not this had an effect.
      for (const player of players) if (isHeld(player)) joining.add(player);
      throw error;
    }
    joined(players);
  };

  const unsubscribeSome = async () => {
    const players = takeSome(leaving, SUBSCRIBE_CHUNK);
    if (players.length === 0) return;
    try {
      await redis.unsubscribe(...players.map(channelOf));
    } catch (error) {
      for (const player of players) if (!isHeld(player)) leaving.add(player);
      throw error;
    }
  };

  const work = async () => {
    while (up && joining.size + leaving.size > 0) {
      try {
        await subscribeSome();
        await unsubscribeSome();
        worked();
      } catch (error) {
        // A lost connection is no fault of these commands: `connected` begins anew.
        if (!up) break;
        failed(error);
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
    working = false;
    // The connection may have come back while the last command of the old one failed.
    start();
  };

  const start = () => {
    if (working || !up || joining.size + leaving.size === 0) return;
    working = true;
    setImmediate(work);
  };

  return {
    join: (player) => {
      // Its channel was never left: what was said on it meanwhile was not listened to, so it counts as newly joined.
      if (leaving.delete(player)) joined([player]);
      else joining.add(player);
      start();
    },
    leave: (player) => {
      if (!joining.delete(player)) leaving.add(player);
      start();
    },
    connected: (players) => {
      leaving.clear();
      joining.clear();
      for (const player of players) joining.add(player);
      up = true;
      start();
    },
    lost: () => {
      up = false;
    },
    get waiting() {
      return joining.size;
    },
  };
};
