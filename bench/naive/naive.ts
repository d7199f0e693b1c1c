import { readFileSync } from "node:fs";
import { Redis } from "ioredis";

/**
 * The matchmaker that somebody writes in an afternoon: one process, a sorted set by elo, and every 50 ms a script that
 * pairs neighbours. It has no tickets, criteria, retries, expiry, parties, idempotency, events or fencing, and forgets
 * whom to tell when it dies.
 */
export interface Naive {
  /** Resolves to false when the player is in the queue or in a match already. */
  join(player: string, elo: number): Promise<boolean>;
  close(): Promise<void>;
}

const POLL_MS = 50;
const QUEUE = "naive:queue";
const MATCHES = "naive:matches";
const PLAYERS = "naive:players";

interface Commands {
  joinQueue(queue: string, players: string, player: string, elo: number): Promise<number>;
  takePairs(queue: string, matches: string, players: string, eloSpread: number, prefix: string): Promise<string[]>;
}

const script = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

/** @param tell is called for each player when it is in a match */
export const startNaive = (url: string, eloSpread: number, tell: (player: string) => void): Naive => {
  const redis = new Redis(url);
  redis.defineCommand("joinQueue", { numberOfKeys: 2, lua: script("./join-queue.lua") });
  redis.defineCommand("takePairs", { numberOfKeys: 3, lua: script("./take-pairs.lua") });
  // defineCommand adds the methods, which the types can't know.
  const commands = redis as unknown as Commands;
  let polls = 0;
  let polling: Promise<void> | undefined;

  const poll = async () => {
    const players = await commands.takePairs(QUEUE, MATCHES, PLAYERS, eloSpread, `m${++polls}-`);
    for (const player of players) tell(player);
  };
  const timer = setInterval(() => {
    polling ??= poll().finally(() => {
      polling = undefined;
    });
  }, POLL_MS);

  return {
    join: async (player, elo) => (await commands.joinQueue(QUEUE, PLAYERS, player, elo)) === 1,
    close: async () => {
      clearInterval(timer);
      await polling;
      await redis.quit();
    },
  };
};
