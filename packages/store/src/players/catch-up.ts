import { setTimeout as sleep } from "node:timers/promises";
import type { PlayerState } from "@muster/core";
import type { Store } from "../store.ts";

/** One script call: it holds Redis up for about a millisecond. */
const PLAYERS_PER_CALL = 500;
const RETRY_MS = 1_000;

export interface CatchUp {
  /** What Redis says of this player is older than what was told last: see raiseVersions. */
  behind(player: string, told: Pick<PlayerState, "version">): void;
  close(): Promise<void>;
}

/** Has the versions of players who fell back raised, however often that must be tried. */
export const startCatchUp = (
  store: Pick<Store, "raiseVersions">,
  onTrouble: (error: unknown) => void = () => {},
): CatchUp => {
  const behind = new Map<string, number>();
  const closing = new AbortController();
  let running: Promise<void> | undefined;

  const run = async () => {
    while (behind.size > 0 && !closing.signal.aborted) {
      const some = [...behind].slice(0, PLAYERS_PER_CALL).map(([player, version]) => ({ player, version }));
      try {
        await store.raiseVersions(some);
        for (const { player, version } of some) if (behind.get(player) === version) behind.delete(player);
      } catch (error) {
        onTrouble(error);
        await sleep(RETRY_MS, undefined, { signal: closing.signal, ref: false }).catch(() => {});
      }
    }
    running = undefined;
  };

  return {
    behind: (player, { version }) => {
      behind.set(player, Math.max(version, behind.get(player) ?? 0));
      // With what else this turn of the event loop brings.
      running ??= Promise.resolve().then(run);
    },
    close: async () => {
      closing.abort();
      await running;
    },
  };
};
