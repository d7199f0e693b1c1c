import type { StoreContext } from "../context.ts";
import { loadScript, runScript } from "../redis/run-script.ts";

const holdScript = loadScript(new URL("./hold-lease.lua", import.meta.url));
const releaseScript = loadScript(new URL("./release-lease.lua", import.meta.url));

/**
 * Takes the movers' lease, or renews it when `token` holds it already.
 *
 * @param holdMs how long it holds from now
 * @returns `taken` also when it had run out and nobody else had taken it: the fence was written anew
 */
export const holdLease = async (
  { redis, keys, clock, retention }: StoreContext,
  token: string,
  holdMs: number,
): Promise<"taken" | "renewed" | "other"> =>
  (await runScript(
    redis,
    holdScript,
    [keys.moverLease, keys.moverFence, keys.events],
    [token, holdMs, retention.events, moverOf(token), clock.now()],
    // The script's header says what it returns.
  )) as "taken" | "renewed" | "other";

/** What events call the mover with this token. */
export const moverOf = (token: string): string => token.slice(0, 8);

/** Gives the lease up; succeeds if it was already gone or another's. */
export const releaseLease = async ({ redis, keys }: StoreContext, token: string): Promise<void> => {
  await runScript(redis, releaseScript, [keys.moverLease], [token]);
};

/** For how long somebody holds the lease if it is not renewed, ms; 0: nobody does. */
export const leaseLeftMs = async ({ redis, keys }: StoreContext): Promise<number> => {
  const leftMs = await redis.pttl(keys.moverLease);
  // Redis says -1 where there is no end: nobody of ours writes such a lease.
  return leftMs === -1 ? Infinity : Math.max(0, leftMs);
};
