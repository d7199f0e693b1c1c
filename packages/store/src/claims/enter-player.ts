import type { StoreContext } from "../context.ts";
import { loadScript, runScript } from "../redis/run-script.ts";

const script = loadScript(new URL("./enter-player.lua", import.meta.url));

/**
 * Lets a player into this partition, which its claim names. See open-claims.ts.
 *
 * @returns undefined when it is in; else the epoch of who keeps it out, which is not below the claim's
 */
export const enterPlayer = async (
  { redis, keys, clock, retention }: StoreContext,
  player: string,
  epoch: number,
): Promise<number | undefined> => {
  const args = [clock.now(), epoch, retention.idleMs];
  const [word, by] = (await runScript(redis, script, [keys.playerState(player)], args)) as string[];
  return word === "sealed" ? Number(by) : undefined;
};
