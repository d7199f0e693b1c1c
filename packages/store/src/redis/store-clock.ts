import type { Clock } from "@muster/core";
import type { Redis } from "ioredis";

/** Clocks that agree this well are taken as one: what is measured of the difference is mostly the way to Redis. */
const SAME_CLOCK_MS = 50;
const SAMPLES = 3;
const MEASURE_EVERY_MS = 15_000;

/**
 * Tells the time of Redis' clock: the local clock plus the difference to it, measured now and then. Services whose own
 * clocks are minutes apart still agree on who waits how long and what is due.
 */
export const openStoreClock = (redis: Redis, local: Clock): Clock & { sync(): Promise<void>; close(): void } => {
  let offsetMs = 0;
  const sync = async () => {
    let best = { tripMs: Infinity, offsetMs: 0 };
    for (let sample = 0; sample < SAMPLES; sample++) {
      const before = local.now();
      const [seconds, micros] = await redis.time();
      const after = local.now();
      const redisNow = Number(seconds) * 1_000 + Number(micros) / 1_000;
      if (after - before < best.tripMs) best = { tripMs: after - before, offsetMs: redisNow - (before + after) / 2 };
    }
    offsetMs = Math.abs(best.offsetMs) < SAME_CLOCK_MS ? 0 : Math.round(best.offsetMs);
  };
  // While Redis is gone, the last measured difference is the best there is.
  const trySync = () => void sync().catch(() => {});
  redis.on("ready", trySync);
  const timer = setInterval(trySync, MEASURE_EVERY_MS).unref();
  const close = () => {
    redis.off("ready", trySync);
    clearInterval(timer);
  };
  return { now: () => local.now() + offsetMs, sync, close };
};
