import { SERVICE_DEAD_AFTER_MS, type ServiceBeat } from "@muster/core";
import type { Redis } from "ioredis";
import type { Keys } from "../keys.ts";
import { readServices } from "../services/service-beats.ts";
import type { Check } from "./check.ts";
import { redisNow } from "./redis-now.ts";

/** Without one of each nobody is matched, or nobody is told. */
const NEEDED = ["orchestrator", "sweeper", "matchmaker", "mover", "playserver"];

/** Whether every service that is needed says that it lives, by role; and who has fallen silent. */
export const checkServices = async (redis: Redis, keys: Keys): Promise<Check[]> => {
  const now = await redisNow(redis);
  const beats = await readServices({ redis, keys });
  const isAlive = ({ at }: ServiceBeat) => now - at <= SERVICE_DEAD_AFTER_MS;
  const alive = beats.filter(isAlive);
  const count = (role: string) => alive.filter((beat) => beat.role === role).length;
  const missing = NEEDED.filter((role) => count(role) === 0);
  const roles = [...new Set(alive.map(({ role }) => role))].map((role) => `${count(role)} ${role}`);
  const running: Check =
    missing.length === 0
      ? { name: "services", status: "ok", text: roles.join(", ") }
      : {
          ...{ name: "services", status: "wrong", text: `no ${missing.join(", no ")} has said that it lives` },
          howToMend: `start one of each, with REDIS_URL and MUSTER_PARTITION as here`,
        };
  const silent = beats
    .filter((beat) => !isAlive(beat))
    .map(({ name, at, host, pid }): Check => {
      const text = `silent for ${Math.round((now - at) / 1_000)} s; it was process ${pid} on ${host}`;
      return { name, status: "wrong", text, howToMend: "look at its log, and start it again" };
    });
  return [running, ...silent];
};
