import type { Clock } from "@muster/core";
import type { Redis } from "ioredis";
import type { Keys } from "../keys.ts";
import { redisNow } from "./redis-now.ts";

/** `unknown`: this user may not look. */
export interface Check {
  name: string;
  status: "ok" | "wrong" | "unknown";
  /** What was found. */
  text: string;
  /** What to do about it; absent when all is well. */
  howToMend?: string;
}

const OLDEST_VERSION = 7;
/** The services measure the difference and allow for it; this much hints at a clock that nobody sets. */
const CLOCK_SKEW_MS = 250;
const CLOCK_SAMPLES = 3;
/** A ticket that is due is claimed at the next sweep: after this, nobody sweeps its queue. */
const STUCK_AFTER_MS = 10_000;

/** Looks at what a Redis that Muster rests on must be, and at whether anybody works on it. */
export const checkServer = async (redis: Redis, keys: Keys, local: Clock): Promise<Check[]> => [
  await checkVersion(redis),
  await checkSetting(redis, SETTINGS.notifications),
  await checkSetting(redis, SETTINGS.eviction),
  await checkSetting(redis, SETTINGS.appendOnly),
  await checkClock(redis, local),
  await checkMover(redis, keys),
  ...(await checkQueues(redis, keys)),
];

const checkVersion = async (redis: Redis): Promise<Check> => {
  const version = /^redis_version:(\S+)/m.exec(await redis.info("server"))?.[1] ?? "unknown";
  const check = { name: "Redis version", text: version };
  if (Number.parseInt(version, 10) >= OLDEST_VERSION) return { ...check, status: "ok" };
  return { ...check, status: "wrong", howToMend: `install Redis ${OLDEST_VERSION} or newer, or Valkey` };
};

interface Setting {
  name: string;
  wanted: string;
  isWell(value: string): boolean;
  why: string;
}

const SETTINGS = {
  notifications: {
    name: "notify-keyspace-events",
    wanted: "K$",
    isWell: (flags) => flags.includes("K") && /[$A]/.test(flags),
    why: "or realms aren't told of changed states",
  },
  eviction: {
    name: "maxmemory-policy",
    wanted: "noeviction",
    isWell: (policy) => policy === "noeviction",
    why: "or a full Redis forgets players and tickets",
  },
  appendOnly: {
    name: "appendonly",
    wanted: "yes",
    isWell: (word) => word === "yes",
    why: "or a restart forgets players and tickets",
  },
} as const satisfies Record<string, Setting>;

const checkSetting = async (redis: Redis, { name, wanted, isWell, why }: Setting): Promise<Check> => {
  const value = await readSetting(redis, name);
  if (value === undefined) return { name, status: "unknown", text: "this user may not read it" };
  const check = { name, text: value === "" ? "none" : value };
  if (isWell(value)) return { ...check, status: "ok" };
  const howToMend = `CONFIG SET ${name} ${wanted}, and the same in redis.conf, ${why}`;
  return { ...check, status: "wrong", howToMend };
};

/** Undefined when Redis refuses to tell, or hides it. */
const readSetting = async (redis: Redis, name: string): Promise<string | undefined> => {
  try {
    const [, value] = (await redis.config("GET", name)) as string[];
    return value;
  } catch (error) {
    if (error instanceof Error && error.name === "ReplyError") return undefined;
    throw error;
  }
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

const checkMover = async (redis: Redis, keys: Keys): Promise<Check> => {
  const holder = await redis.get(keys.moverLease);
  if (holder !== null) return { name: "mover", status: "ok", text: "one leads" };
  return { name: "mover", status: "wrong", text: "none leads: no match is made", howToMend: "start a mover" };
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
