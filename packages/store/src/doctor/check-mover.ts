import type { Redis } from "ioredis";
import type { Keys } from "../keys.ts";
import type { Check } from "./check.ts";

const NEVER_ENDS = -1;
/** What events and the monitor call a mover. */
const TOKEN_SHOWN = 8;

/** Whether a mover leads, and whether it could commit: the fence must be its own, and its lease must end without it. */
export const checkMover = async (redis: Redis, keys: Keys): Promise<Check> => {
  const [holder, fence, leftMs] = await Promise.all([
    redis.get(keys.moverLease),
    redis.get(keys.moverFence),
    redis.pttl(keys.moverLease),
  ]);
  const check = { name: "mover", status: "wrong" } as const;
  if (holder === null) return { ...check, text: "none leads: no match is made", howToMend: "start a mover" };
  const leader = `${holder.slice(0, TOKEN_SHOWN)} leads`;
  if (leftMs === NEVER_ENDS) {
    const howToMend = `DEL ${keys.moverLease}: a mover takes it anew within two seconds`;
    return { ...check, text: `${leader}, and its lease never ends: no other could follow`, howToMend };
  }
  if (fence !== holder) {
    const howToMend = `DEL ${keys.moverLease}: the next leader writes both`;
    return { ...check, text: `${leader}, but the fence is another's: no commit of it is taken`, howToMend };
  }
  return { ...check, status: "ok", text: `${leader}, and the fence is its own` };
};
