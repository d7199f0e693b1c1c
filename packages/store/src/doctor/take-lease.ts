import type { StoreContext } from "../context.ts";

/**
 * Whether the caller is to look at everything now: nobody has for `holdMs`, or Redis is another than it was then, as
 * after a restart or a fail-over, which may have lost what was answered. Of several callers at once one is.
 *
 * A server's run doesn't tell a master that was a replica in between from one that was not; the id of its history does,
 * since each promotion begins another one.
 */
export const takeDoctorLease = async (
  { redis, keys }: Pick<StoreContext, "redis" | "keys">,
  holdMs: number,
): Promise<boolean> => {
  const info = await redis.info("server", "replication");
  const run = ["run_id", "master_replid"].map((name) => new RegExp(`^${name}:(\\w+)`, "m").exec(info)?.[1]).join(" ");
  const held = await redis.set(keys.doctorLease, run, "PX", holdMs, "NX", "GET");
  if (held === null) return true;
  if (held === run) return false;
  // Who comes second finds this run there.
  return (await redis.set(keys.doctorLease, run, "PX", holdMs, "GET")) !== run;
};

/** So that it is taken again at the next chance. Succeeds if nobody holds it. */
export const dropDoctorLease = async ({ redis, keys }: Pick<StoreContext, "redis" | "keys">): Promise<void> => {
  await redis.del(keys.doctorLease);
};
