import type { PlayerState } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { parsePlayerState } from "../players/player-state-text.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import type { Claimant } from "./enter-players.ts";

const script = loadScript(new URL("./seal-players.lua", import.meta.url));

export type SealOutcome =
  | { outcome: "sealed"; epoch: number }
  | { outcome: "busy"; state: PlayerState }
  | { outcome: "cooling"; untilMs: number };

/**
 * Keeps idle players out of this partition. See open-claims.ts.
 *
 * @param claimants with the epochs of the claims by which they are here
 * @param heedCoolDowns whether one who may not queue yet may not leave either
 * @returns one outcome for each, in order
 */
export const sealPlayers = async (
  { redis, keys, clock, retention }: StoreContext,
  claimants: readonly Claimant[],
  heedCoolDowns: boolean,
): Promise<SealOutcome[]> => {
  const scriptKeys = claimants.flatMap(({ player }) => [keys.playerState(player), keys.coolDown(player)]);
  const args = [clock.now(), retention.idleMs, heedCoolDowns ? 1 : 0, ...claimants.map(({ epoch }) => epoch)];
  // The script's header says what it returns.
  const outcomes = (await runScript(redis, script, scriptKeys, args)) as [word: string, what: string][];
  return outcomes.map(([word, what]) => {
    if (word === "busy") return { outcome: word, state: parsePlayerState(what) };
    if (word === "cooling") return { outcome: word, untilMs: Number(what) };
    return { outcome: "sealed", epoch: Number(what) };
  });
};
