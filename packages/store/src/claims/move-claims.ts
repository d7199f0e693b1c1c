import { inOrder } from "../in-order.ts";
import { claimKey } from "../keys.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { orUnavailable } from "../redis/store-errors.ts";
import { CLAIM_LIFE_MS, type Claim, formatClaim } from "./claim.ts";
import type { ClaimShards } from "./claim-shards.ts";

const script = loadScript(new URL("./move-claims.lua", import.meta.url));

export interface ClaimMove {
  player: string;
  /** As it was read; null: absent. */
  was: string | null;
  next: Claim;
}

/**
 * Moves claims, each if it is still what was read.
 *
 * @returns for each, in order, whether it has moved
 */
export const moveClaims = (shards: ClaimShards, moves: readonly ClaimMove[]): Promise<boolean[]> =>
  orUnavailable(() =>
    inOrder(
      moves,
      ({ player }) => shards.of(player),
      async (redis, own) => {
        const keys = own.map(({ player }) => claimKey(player));
        const args = [CLAIM_LIFE_MS, ...own.flatMap(({ was, next }) => [was ?? "", formatClaim(next)])];
        const moved = new Set((await runScript(redis, script, keys, args)) as number[]);
        return own.map((_, n) => moved.has(n + 1));
      },
    ),
  );
