import { Type } from "typebox";
import { expect, it } from "vitest";
import { ConfigError } from "../config-error.ts";
import { baseSettings, portSetting, readEnv } from "./env.ts";

const settings = Type.Object({ ...baseSettings, MUSTER_PORT: portSetting(7_400) });

it("fills in defaults, turns text into numbers and freezes the result", () => {
  const config = readEnv(settings, { MUSTER_PORT: "8001", PATH: "/bin" });
  expect(config).toEqual({
    MUSTER_PORT: 8_001,
    MUSTER_HOST: "127.0.0.1",
    MUSTER_PARTITION: "main",
    MUSTER_LOG_LEVEL: "info",
    REDIS_URL: "redis://127.0.0.1:6379",
  });
  expect(Object.isFrozen(config)).toBe(true);
});

it("reports every faulty variable at once, with what it is", () => {
  const bad = { MUSTER_PORT: "none", REDIS_URL: "http://redis", MUSTER_LOG_LEVEL: "loud", MUSTER_PARTITION: "A b" };
  try {
    readEnv(settings, bad);
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.faults.map(({ path }) => path).sort()).toEqual(Object.keys(bad).sort());
    expect(error.message).toContain('MUSTER_PORT: must be integer (is "none")');
  }
});

it.each(["7.5", "0x10", " ", "1e3", "seven"])("takes %j for no integer", (text) => {
  expect(() => readEnv(settings, { MUSTER_PORT: text })).toThrow("MUSTER_PORT: must be integer");
});
