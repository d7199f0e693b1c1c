import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Type } from "typebox";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ConfigError } from "../config-error.ts";
import { baseSettings, portSetting, readEnv } from "./env.ts";

const settings = Type.Object({ ...baseSettings, MUSTER_PORT: portSetting(7_400) });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-env-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

it("fills in defaults, turns text into numbers and freezes the result", () => {
  const config = readEnv(settings, { MUSTER_PORT: "8001", PATH: "/bin" });
  expect(config).toEqual({
    MUSTER_PORT: 8_001,
    MUSTER_HOST: "127.0.0.1",
    MUSTER_OPEN: "off",
    MUSTER_PARTITION: "main",
    MUSTER_DURABILITY: "fast",
    MUSTER_KEEP_ENDED_S: 3_600,
    MUSTER_LOG_LEVEL: "info",
    OTEL_TRACES_SAMPLER_ARG: "1",
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

it("reads a setting from the file that NAME_FILE names, without the end of its line", () => {
  const file = join(folder, "redis-url");
  writeFileSync(file, "redis://user:secret@redis:6379\n");
  expect(readEnv(settings, { REDIS_URL_FILE: file }).REDIS_URL).toBe("redis://user:secret@redis:6379");
  writeFileSync(file, "");
  expect(readEnv(settings, { REDIS_URL_FILE: file }).REDIS_URL).toBe("redis://127.0.0.1:6379");
});

it("refuses a file that can't be read, and two ways at once", () => {
  const none = join(folder, "none");
  expect(() => readEnv(settings, { REDIS_URL_FILE: none })).toThrow(/REDIS_URL_FILE: can't be read: ENOENT/);
  expect(() => readEnv(settings, { MUSTER_PORT: "1", MUSTER_PORT_FILE: none })).toThrow(/MUSTER_PORT: is set, and/);
});

it("tells no secret when it is faulty", () => {
  const url = "http://user:hunter2@redis";
  expect(() => readEnv(settings, { REDIS_URL: url })).toThrow(/^(?!.*hunter2)/s);
  const keyed = Type.Object({ KEY: Type.String({ minLength: 16, writeOnly: true }) });
  expect(() => readEnv(keyed, { KEY: "hunter2" })).toThrow(/KEY: must not have fewer than 16 characters$/);
});

it.each(["7.5", "0x10", " ", "1e3", "seven"])("takes %j for no integer", (text) => {
  expect(() => readEnv(settings, { MUSTER_PORT: text })).toThrow("MUSTER_PORT: must be integer");
});
