import type { StoreContext } from "../context.ts";
import { loadScript, runScript } from "../redis/run-script.ts";

const script = loadScript(new URL("./enter-players.lua", import.meta.url));

/** A player whose claim is, or was, in a partition. */
export interface Claimant {
  player: string;
  /** Of its claim. */
  epoch: number;
}

/**
 * Lets players into this partition, which their claims name. See open-claims.ts.
 *
 * @returns for each, in order, undefined when it is in; else the epoch of who keeps it out, which is not below the claim's
 */
export const enterPlayers = async (
  { redis, keys, clock, retention }: StoreContext,
  claimants: readonly Claimant[],
): Promise<(number | undefined)[]> => {
  const scriptKeys = claimants.map(({ player }) => keys.playerState(player));
  const args = [clock.now(), retention.idleMs, ...claimants.map(({ epoch }) => epoch)];
  const entered = (await runScript(redis, script, scriptKeys, args)) as string[];
  return entered.map((by) => (by === "" ? undefined : Number(by)));
};
