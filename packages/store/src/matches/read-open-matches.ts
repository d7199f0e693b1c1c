import type { StoreContext } from "../context.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import type { EloRange } from "../tickets/read-range.ts";

const script = loadScript(new URL("./read-open-matches.lua", import.meta.url));

/** A search holds its tickets against each of them; a queue rarely has more open matches near one elo. */
const TO_EACH_SIDE = 16;

/** The matches of a queue that look for players around an elo, the nearest on each side, as packed text. */
export const readOpenMatches = async (
  { redis, keys }: StoreContext,
  queue: string,
  { low, high, centre }: Omit<EloRange, "limit">,
): Promise<string[]> =>
  (await runScript(
    redis,
    script,
    [keys.openByElo(queue), keys.openMatches(queue)],
    [score(low), centre, score(high), TO_EACH_SIDE],
  )) as string[];

/** As Redis writes endless scores. */
const score = (elo: number): string | number => (Number.isFinite(elo) ? elo : elo < 0 ? "-inf" : "+inf");
