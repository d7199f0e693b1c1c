import type { PlayerState } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { parsePlayerState } from "../players/player-state-text.ts";
import { loadScript, runScript } from "../redis/run-script.ts";

const script = loadScript(new URL("./seal-player.lua", import.meta.url));

export type SealOutcome =
  | { outcome: "sealed"; epoch: number }
  | { outcome: "busy"; state: PlayerState }
  | { outcome: "cooling"; untilMs: number };

/**
 * Keeps an idle player out of this partition. See open-claims.ts.
 *
 * @param epoch of the claim by which it is here
 * @param heedCoolDown whether one who may not queue yet may not leave either
 */
export const sealPlayer = async (
  { redis, keys, clock, retention }: StoreContext,
  player: string,
  epoch: number,
  heedCoolDown: boolean,
): Promise<SealOutcome> => {
  const scriptKeys = [keys.playerState(player), keys.coolDown(player)];
  const args = [clock.now(), epoch, retention.idleMs, heedCoolDown ? 1 : 0];
  // The script's header says what it returns.
  const [word, what = ""] = (await runScript(redis, script, scriptKeys, args)) as string[];
  if (word === "busy") return { outcome: word, state: parsePlayerState(what) };
  if (word === "cooling") return { outcome: word, untilMs: Number(what) };
  return { outcome: "sealed", epoch: Number(what) };
};
