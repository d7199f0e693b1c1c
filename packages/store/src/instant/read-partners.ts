import type { StoreContext } from "../context.ts";

/** The last partners of a user who are still to be avoided, by the ms until which they are. */
export const readPartners = async (
  { redis, keys, clock }: StoreContext,
  user: string,
): Promise<Record<string, number>> => {
  const found = await redis.zrange(keys.partners(user), clock.now(), "+inf", "BYSCORE", "WITHSCORES");
  const partners: [string, number][] = [];
  for (let n = 0; n < found.length; n += 2) partners.push([String(found[n]), Number(found[n + 1])]);
  return Object.fromEntries(partners);
};
