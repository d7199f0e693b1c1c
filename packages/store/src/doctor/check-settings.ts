import type { Redis } from "ioredis";
import type { Check } from "./check.ts";

interface Setting {
  name: string;
  wanted: string;
  isWell(value: string): boolean;
  why: string;
  /** It works without, only not as well. */
  isAdvice?: true;
}

/** Bytes of a field up to which a hash stays packed: the JSON of a ticket or match in a queue of many players. */
const PACKED_BYTES = 2_304;

const SETTINGS: readonly Setting[] = [
  {
    name: "notify-keyspace-events",
    wanted: "K$",
    isWell: (flags) => flags.includes("K") && /[$A]/.test(flags),
    why: "or realms aren't told of changed states",
  },
  {
    name: "maxmemory-policy",
    wanted: "noeviction",
    isWell: (policy) => policy === "noeviction",
    why: "or a full Redis forgets players and tickets",
  },
  {
    name: "appendonly",
    wanted: "yes",
    isWell: (word) => word === "yes",
    why: "or a restart forgets players and tickets",
  },
  {
    name: "hash-max-listpack-value",
    wanted: String(PACKED_BYTES),
    isWell: (bytes) => Number(bytes) >= PACKED_BYTES,
    why: "or tickets and matches take two thirds more memory",
    isAdvice: true,
  },
];

/** Of Redis' settings those that Muster rests on. */
export const checkSettings = async (redis: Redis): Promise<Check[]> => {
  const checks: Check[] = [];
  for (const setting of SETTINGS) checks.push(await checkSetting(redis, setting));
  return [...checks, await checkReplicas(redis)];
};

const checkSetting = async (redis: Redis, { name, wanted, isWell, why, isAdvice }: Setting): Promise<Check> => {
  const value = await readSetting(redis, name);
  if (value === undefined) return { name, status: "unknown", text: NOT_ALLOWED };
  const check = { name, text: value === "" ? "none" : value };
  if (isWell(value)) return { ...check, status: "ok" };
  const howToMend = `CONFIG SET ${name} ${wanted}, and the same in redis.conf, ${why}`;
  return { ...check, status: isAdvice ? "advice" : "wrong", howToMend };
};

const REPLICAS = "min-replicas-to-write";
const NOT_ALLOWED = "this user may not read it";

/** With replicas a master that was cut off must take no writes, or the next one doesn't know of them. */
const checkReplicas = async (redis: Redis): Promise<Check> => {
  const wanted = await readSetting(redis, REPLICAS);
  if (wanted === undefined) return { name: REPLICAS, status: "unknown", text: NOT_ALLOWED };
  // A copy that is being made (redis-cli --rdb) counts as one for Redis, but has no port to be reached at.
  const replicas = (await redis.info("replication")).match(/^slave\d+:.*\bport=[1-9]/gm)?.length ?? 0;
  const check = { name: REPLICAS, text: `${wanted}, and ${replicas} replicas are connected` };
  if (Number(wanted) > replicas) {
    return {
      ...check,
      status: "wrong",
      howToMend: `connect a replica, or CONFIG SET ${REPLICAS} 0: now no write is taken`,
    };
  }
  if (replicas === 0 || Number(wanted) > 0) return { ...check, status: "ok" };
  const why = "or a master that was cut off takes writes that are lost";
  return { ...check, status: "wrong", howToMend: `CONFIG SET ${REPLICAS} 1, and the same in redis.conf, ${why}` };
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
