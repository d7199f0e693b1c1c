import { connect, createKeys, disconnect, parsePlayerState, toMatch } from "@muster/store";
import { startChild } from "../child.ts";
import type { AuditCalls } from "./audit-process.ts";

/** What Redis holds of a run when all is at rest. */
export interface Audit {
  matches: number;
  /** Accepted players who neither wait nor are in a match. */
  lost: number;
  /** Players in more than one match. */
  duplicates: number;
  /** Between the mean elos of both sides, mean of all matches. */
  meanEloGap: number;
  inconsistencies: string[];
}

const CHUNK = 1_000;
/** Reading hundreds of thousands of records at once is no command to give up on after a second. */
export const READ_LIMIT_MS = 60_000;
/** Processes that look for inconsistencies together, beside this one, which reads matches and states: it is Node that is busy. */
const SHARES = 2;

export interface AuditOrder {
  redisUrl: string;
  /** Ids of the players who were accepted, none of whom was cancelled or has expired. */
  accepted: readonly string[];
  partitions?: readonly string[];
  signal: AbortSignal;
}

/** Reads every match and every accepted player's state, and looks at all that Redis holds for what is inconsistent. */
export const audit = async ({ redisUrl, accepted, partitions = ["main"], signal }: AuditOrder): Promise<Audit> => {
  const inMatches = new Map<string, number>();
  const waiting = new Set<string>();
  const inconsistencies: string[] = [];
  let [matches, gaps] = [0, 0];
  await using held = new AsyncDisposableStack();
  const module = new URL("./audit-process.ts", import.meta.url);
  const children = Array.from({ length: SHARES }, () => held.use(startChild<AuditCalls>(module, signal)));
  for (const partition of partitions) {
    const [found, ...faults] = await Promise.all([
      readOne(redisUrl, partition, accepted),
      ...children.map((child, nth) => child.ask("find", { redisUrl, partition, nth, shares: SHARES })),
    ]);
    matches += found.matches;
    gaps += found.gaps;
    for (const player of found.players) inMatches.set(player, (inMatches.get(player) ?? 0) + 1);
    for (const player of found.waiting) {
      if (waiting.has(player)) inconsistencies.push(`player ${player} waits in two partitions`);
      waiting.add(player);
    }
    inconsistencies.push(...faults.flat());
  }
  const lost = accepted.filter((player) => !waiting.has(player) && !inMatches.has(player)).length;
  const duplicates = [...inMatches.values()].filter((times) => times > 1).length;
  return { matches, lost, duplicates, meanEloGap: matches === 0 ? 0 : gaps / matches, inconsistencies };
};

const readOne = async (redisUrl: string, partition: string, accepted: readonly string[]) => {
  const redis = connect(redisUrl, "bench-audit", partition);
  redis.options.commandTimeout = READ_LIMIT_MS;
  await redis.connect();
  try {
    const keys = createKeys(partition);
    const players: string[] = [];
    const [waiting, inMatch] = [[] as string[], new Set<string>()];
    let [matches, gaps] = [0, 0];
    const ids = await redis.zrange(keys.matchDue, "0", "-1");
    for (let from = 0; from < ids.length; from += CHUNK) {
      const chunk = ids.slice(from, from + CHUNK);
      const reading = redis.pipeline();
      for (const id of chunk) reading.hgetall(keys.match(id));
      for (const [index, [error, fields]] of ((await reading.exec()) ?? []).entries()) {
        if (error) throw error;
        const match = toMatch(chunk[index] ?? "", fields as Record<string, string>);
        if (!match) throw new Error(`match ${chunk[index]} has no record`);
        matches += 1;
        gaps += match.eloGap;
        players.push(...match.teams.flatMap((team) => team.players.map(({ id }) => id)));
      }
    }
    for (let from = 0; from < accepted.length; from += CHUNK) {
      const chunk = accepted.slice(from, from + CHUNK);
      const states = await redis.mget(chunk.map(keys.playerState));
      chunk.forEach((player, index) => {
        const { state } = parsePlayerState(states[index] ?? null);
        if (state === "inqueue") waiting.push(player);
        if (state === "inmatch") inMatch.add(player);
      });
    }
    // Only who says so itself, too, is in a match.
    return { matches, gaps, players: players.filter((player) => inMatch.has(player)), waiting };
  } finally {
    await disconnect(redis);
  }
};
