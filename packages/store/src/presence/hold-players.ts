import type { Clock, Ids } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { loadScript, runScript } from "../redis/run-script.ts";

const script = loadScript(new URL("./hold-players.lua", import.meta.url));

/** So long is a player known to be there without another word from its connection; three refreshes fit. */
export const PRESENT_FOR_MS = 15_000;

/** So many players go into one script call: it holds Redis up for about a millisecond. */
const PLAYERS_PER_CALL = 500;

/** A player and the connection that stands for it. */
export interface Hold {
  player: string;
  /** Of this one connection, and of no other ever: see connectionToken. */
  token: string;
}

/**
 * Of a connection that is opened now. A hold of a playserver that died is there until it runs out, in whatever partition
 * the player was then: so that it is never taken for a newer connection's, tokens tell which was opened first.
 */
export const connectionToken = (clock: Clock, ids: Pick<Ids, "token">): string =>
  `${Math.floor(clock.now())}-${ids.token()}`;

/** Who held a player before; `other`: a connection that was opened later, or at the same time. */
export type HolderBefore = "own" | "nobody" | "earlier" | "other";

/**
 * Makes connections the holders of players for PRESENT_FOR_MS.
 *
 * @param take whether players that other connections hold are taken over; otherwise only from those opened earlier
 * @returns for each player who held it before, in order
 */
export const holdPlayers = async (
  { redis, keys, clock }: StoreContext,
  holds: readonly Hold[],
  take: boolean,
): Promise<HolderBefore[]> => {
  const before: HolderBefore[] = [];
  for (let start = 0; start < holds.length; start += PLAYERS_PER_CALL) {
    const chunk = holds.slice(start, start + PLAYERS_PER_CALL).flatMap(({ player, token }) => [player, token]);
    const args = [clock.now() + PRESENT_FOR_MS, take ? 1 : 0, ...chunk];
    // The script's header says what it returns.
    before.push(...((await runScript(redis, script, [keys.presence, keys.presenceHolders], args)) as HolderBefore[]));
  }
  return before;
};
