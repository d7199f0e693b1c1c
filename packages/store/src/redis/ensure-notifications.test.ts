import { ConfigError } from "@muster/core";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createKeys, PROBE_PLAYER } from "../keys.ts";
import { startTestRedis, type TestRedis } from "../testing/redis-server.ts";
import { ensureNotifications } from "./ensure-notifications.ts";

const probeKey = createKeys("main").playerState(PROBE_PLAYER);
const SETTING = "notify-keyspace-events";

describe("ensureNotifications", () => {
  let server: TestRedis;
  let admin: Redis;
  beforeAll(async () => {
    server = await startTestRedis();
    admin = new Redis(server.url);
  });
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });
  beforeEach(() => admin.config("SET", SETTING, ""));

  const flags = async () => ((await admin.config("GET", SETTING)) as string[])[1];

  /** Connects as a user who may do everything but what the rules take away. */
  const connectAs = async (user: string, ...rules: string[]) => {
    await admin.call("ACL", "SETUSER", user, "reset", "on", ">secret", "~*", "&*", "+@all", ...rules);
    const url = server.url.replace("//", `//${user}:secret@`);
    const redis = new Redis(url);
    onTestFinished(() => redis.disconnect());
    return { redis, url };
  };

  const faultOf = async (attempt: Promise<unknown>): Promise<string> => {
    const error = await attempt.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ConfigError);
    return String(error);
  };

  it("turns on what is missing", async () => {
    expect(await ensureNotifications(admin, { url: server.url, probeKey })).toBe("set");
    expect(await flags()).toBe("$K");
    expect(await ensureNotifications(admin, { url: server.url, probeKey })).toBe("found");
  });

  it.each([
    ["Ex", "$xKE"],
    ["$E", "$KE"],
    ["Kg", "g$K"],
    ["AE", "AKE"],
  ])("leaves on what others need: %s becomes %s", async (before, after) => {
    await admin.config("SET", SETTING, before);
    await ensureNotifications(admin, { url: server.url, probeKey });
    expect(await flags()).toBe(after);
  });

  it("counts A as all kinds of commands", async () => {
    await admin.config("SET", SETTING, "KA");
    expect(await ensureNotifications(admin, { url: server.url, probeKey })).toBe("found");
  });

  it("names the exact command when it may not use CONFIG", async () => {
    const { redis, url } = await connectAs("noconfig", "-config");
    const fault = await faultOf(ensureNotifications(redis, { url, probeKey }));
    expect(fault).toContain(`redis-cli -u ${server.url} CONFIG SET ${SETTING} K$ `);
    expect(fault).toContain(`: ${SETTING} K$`);
    expect(fault).not.toContain("secret");
  });

  it("names the union of the flags when it may read but not write them", async () => {
    await admin.config("SET", SETTING, "$E");
    const { redis, url } = await connectAs("readonly", "-config", "+config|get");
    const fault = await faultOf(ensureNotifications(redis, { url, probeKey }));
    expect(fault).toContain(`redis-cli -u ${server.url} CONFIG SET ${SETTING} EK$ `);
  });

  it("hears by an experiment that they are on when it may not use CONFIG", async () => {
    await admin.config("SET", SETTING, "KA");
    const { redis, url } = await connectAs("noconfig", "-config");
    for (let time = 0; time < 50; time += 1) {
      expect(await ensureNotifications(redis, { url, probeKey })).toBe("heard");
    }
    expect(await redis.call("PUBSUB", "CHANNELS")).toEqual([]);
  });

  it("says so when not even the experiment is allowed", async () => {
    await admin.config("SET", SETTING, "KA");
    const { redis, url } = await connectAs("deaf", "-config", "resetchannels");
    expect(await faultOf(ensureNotifications(redis, { url, probeKey }))).toMatch(/NOPERM.*channels/);
  });

  it("is no fault of the configuration when Redis is away", async () => {
    const away = new Redis("redis://127.0.0.1:1", { retryStrategy: () => null, enableOfflineQueue: false });
    away.on("error", () => {});
    await expect(ensureNotifications(away, { url: "redis://127.0.0.1:1", probeKey })).rejects.not.toThrow(ConfigError);
  });
});
