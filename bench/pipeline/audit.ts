import { connect, createKeys, disconnect, parsePlayerState } from "@muster/store";
import { findInconsistencies } from "@muster/store/testing";

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

/**
 * Reads every match and every accepted player's state.
 *
 * @param accepted ids of the players who were accepted, none of whom was cancelled or has expired
 */
export const audit = async (redisUrl: string, accepted: readonly string[]): Promise<Audit> => {
  const redis = connect(redisUrl, "bench-audit", "main");
  // Reading hundreds of thousands of records at once is no command to give up on after a second.
  redis.options.commandTimeout = 60_000;
  await redis.connect();
  try {
    const keys = createKeys("main");
    const inMatches = new Map<string, number>();
    let [matches, gaps] = [0, 0];
    const ids = await redis.zrange(keys.matchDue, "0", "-1");
    for (let from = 0; from < ids.length; from += CHUNK) {
      const reading = redis.pipeline();
      for (const id of ids.slice(from, from + CHUNK)) reading.hget(keys.match(id), "body");
      for (const [error, body] of (await reading.exec()) ?? []) {
        if (error) throw error;
        const match: { eloGap: number; teams: { players: { id: string }[] }[] } = JSON.parse(String(body));
        matches += 1;
        gaps += match.eloGap;
        for (const { players } of match.teams) {
          for (const { id } of players) inMatches.set(id, (inMatches.get(id) ?? 0) + 1);
        }
      }
    }
    let lost = 0;
    for (let from = 0; from < accepted.length; from += CHUNK) {
      const players = accepted.slice(from, from + CHUNK);
      const states = await redis.mget(players.map(keys.playerState));
      players.forEach((player, index) => {
        const { state } = parsePlayerState(states[index] ?? null);
        if (state !== "inqueue" && !(state === "inmatch" && inMatches.has(player))) lost += 1;
      });
    }
    const duplicates = [...inMatches.values()].filter((times) => times > 1).length;
    const inconsistencies = await findInconsistencies(redis, keys);
    return { matches, lost, duplicates, meanEloGap: matches === 0 ? 0 : gaps / matches, inconsistencies };
  } finally {
    await disconnect(redis);
  }
};
