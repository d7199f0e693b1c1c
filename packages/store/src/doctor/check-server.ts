import type { Clock } from "@muster/core";
import type { Redis } from "ioredis";
import { formatReason } from "../format.ts";
import { type Keys, PROBE_PLAYER } from "../keys.ts";
import { probeNotifications } from "../redis/ensure-notifications.ts";
import type { Check } from "./check.ts";
import { checkMover } from "./check-mover.ts";
import { checkServices } from "./check-services.ts";
import { checkSettings } from "./check-settings.ts";
import { redisNow } from "./redis-now.ts";

const OLDEST_VERSION = 7;
/** The services measure the difference and allow for it; this much hints at a clock that nobody sets. */
const CLOCK_SKEW_MS = 250;
const CLOCK_SAMPLES = 3;
/** A ticket that is due is claimed at the next sweep: after this, nobody sweeps its queue. */
const STUCK_AFTER_MS = 10_000;

/**
 * Looks at what a Redis that Muster rests on must be, and at whether anybody works on it.
 *
 * @param isHome whether this is the deployment's own partition, in which services say that they live
 */
export const checkServer = async (redis: Redis, keys: Keys, local: Clock, isHome: boolean): Promise<Check[]> => [
  await checkVersion(redis),
  ...(await checkSettings(redis)),
  await checkFormat(redis, keys),
  await checkNotifications(redis, keys),
  await checkClock(redis, local),
  await checkMover(redis, keys),
  ...(isHome ? await checkServices(redis, keys) : []),
  ...(await checkQueues(redis, keys)),
];

const checkVersion = async (redis: Redis): Promise<Check> => {
  const version = /^redis_version:(\S+)/m.exec(await redis.info("server"))?.[1] ?? "unknown";
  const check = { name: "Redis version", text: version };
  if (Number.parseInt(version, 10) >= OLDEST_VERSION) return { ...check, status: "ok" };
  return { ...check, status: "wrong", howToMend: `install Redis ${OLDEST_VERSION} or newer, or Valkey` };
};

/** Whether this version may work with what is kept. */
const checkFormat = async (redis: Redis, keys: Keys): Promise<Check> => {
  const kept = await redis.get(keys.format);
  const check = { name: "format", text: kept ?? "none is noted yet; a service that starts does" };
  const howToMend = formatReason(kept);
  return howToMend === undefined ? { ...check, status: "ok" } : { ...check, status: "wrong", howToMend };
};

/** Whether what is written is heard of: the setting may be right, and an ACL or a proxy in the way. */
const checkNotifications = async (redis: Redis, keys: Keys): Promise<Check> => {
  const check = { name: "notifications" };
  const deaf = await probeNotifications(redis, keys.playerState(PROBE_PLAYER)).catch((error: unknown) => {
    if (!(error instanceof Error && error.name === "ReplyError")) throw error;
    return error;
  });
  if (deaf instanceof Error) {
    const howToMend = "see above, and let Redis have memory, disk and a master's role";
    return { ...check, status: "wrong", text: `Redis takes no write: ${deaf.message}`, howToMend };
  }
  if (deaf === undefined) return { ...check, status: "ok", text: "a state that was set for a test was announced" };
  const howToMend = "CONFIG SET notify-keyspace-events K$, and let this user subscribe to &__keyspace@*__:* channels";
  return { ...check, status: "wrong", text: deaf, howToMend };
};

const checkClock = async (redis: Redis, local: Clock): Promise<Check> => {
  let best = { tripMs: Infinity, skewMs: 0 };
  for (let sample = 0; sample < CLOCK_SAMPLES; sample++) {
    const before = local.now();
    const theirs = await redisNow(redis);
    const after = local.now();
    if (after - before < best.tripMs) best = { tripMs: after - before, skewMs: (before + after) / 2 - theirs };
  }
  const ms = Math.round(best.skewMs);
  const check = { name: "clock", text: `this machine is ${Math.abs(ms)} ms ${ms < 0 ? "behind" : "ahead of"} Redis` };
  if (Math.abs(ms) <= CLOCK_SKEW_MS) return { ...check, status: "ok" };
  return { ...check, status: "wrong", howToMend: "let NTP set the clocks of both machines" };
};

const checkQueues = async (redis: Redis, keys: Keys): Promise<Check[]> => {
  const queues = new Set<string>();
  for await (const page of redis.scanStream({ match: keys.due("*"), count: 1_000 })) {
    for (const key of page as string[]) {
      const index = keys.indexOfKey(key);
      if (index?.name === "due") queues.add(index.queue);
    }
  }
  const before = (await redisNow(redis)) - STUCK_AFTER_MS;
  const checks: Check[] = [];
  for (const queue of [...queues].sort()) {
    const stuck = await redis.zcount(keys.due(queue), "-inf", `(${before}`);
    const check = { name: `queue ${queue}` };
    if (stuck === 0)
      checks.push({ ...check, status: "ok", text: `${await redis.zcard(keys.due(queue))} tickets wait` });
    else {
      const text = `${stuck} tickets have been due for over ${STUCK_AFTER_MS / 1_000} s`;
      const howToMend = "see that sweepers and matchmakers run, and that their queues file has this queue";
      checks.push({ ...check, status: "wrong", text, howToMend });
    }
  }
  return checks;
};
