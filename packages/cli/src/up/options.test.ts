import { resolve } from "node:path";
import { ConfigError } from "@muster/core";
import { describe, expect, it } from "vitest";
import { flagOf, readUpOptions, SETTING_NAMES, variableOf } from "./options.ts";

const faultsOf = (...args: Parameters<typeof readUpOptions>): string[] => {
  try {
    readUpOptions(...args);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(String);
    throw error;
  }
  return [];
};

describe("up's options", () => {
  it("have defaults for everything", () => {
    expect(readUpOptions({}, {})).toEqual({
      host: "127.0.0.1",
      open: false,
      port: 8080,
      orchestrators: 2,
      sweepers: 1,
      matchmakers: 2,
      movers: 2,
      playservers: 2,
      basePort: 7400,
      redisPort: 7379,
      partition: "main",
      data: resolve(".muster"),
      logLevel: "info",
      single: false,
      demo: false,
      json: false,
    });
  });

  it("come from the environment too; the command line wins, and an empty variable is none", () => {
    const env = {
      MUSTER_PORT: "9000",
      MUSTER_BASE_PORT: "9100",
      REDIS_URL: "",
      MUSTER_SINGLE: "1",
      MUSTER_MOVERS: "3",
    };
    expect(readUpOptions({ port: "9001" }, env)).toMatchObject({ port: 9001, basePort: 9100, single: true, movers: 3 });
    expect(readUpOptions({}, env)).not.toHaveProperty("redisUrl");
  });

  it("have a flag and a variable each", () => {
    expect(SETTING_NAMES.map((name) => [flagOf(name), variableOf(name)])).toContainEqual([
      "--base-port",
      "MUSTER_BASE_PORT",
    ]);
    expect([flagOf("redisUrl"), variableOf("redisUrl")]).toEqual(["--redis-url", "REDIS_URL"]);
  });

  it("report every fault at once, each under the name by which it came in", () => {
    const flags = { port: "80x", movers: "1.5", redisUrl: "localhost" };
    expect(faultsOf(flags, { MUSTER_ORCHESTRATORS: "0", MUSTER_DEMO: "maybe", MUSTER_LOG_LEVEL: "loud" })).toEqual([
      'command line: --port: must be integer (is "80x")',
      'environment: MUSTER_ORCHESTRATORS: must be >= 1 (is "0")',
      'command line: --movers: must be integer (is "1.5")',
      'command line: --redis-url: must be a URL as redis://host:6379 (is "localhost")',
      'environment: MUSTER_LOG_LEVEL: must be trace, debug, info, warn, error or silent (is "loud")',
      'environment: MUSTER_DEMO: must be 1 or 0 (is "maybe")',
    ]);
  });

  it("must not give one port to two", () => {
    expect(faultsOf({ port: "7403", redisPort: "7403", basePort: "7400" }, {})).toEqual([
      'command line: --port: is also the port of matchmaker-1; change it or --base-port (is "7403")',
      'command line: --redis-port: is also the port of nginx (is "7403")',
    ]);
    expect(faultsOf({ basePort: "65530" }, {})).toEqual([
      'command line: --base-port: leaves no room for 10 services (is "65530")',
    ]);
    for (const redisUrl of ["redis-sentinel://a:26379,b:26379/one", "redis-cluster://a:7000,b:7001"]) {
      expect(faultsOf({ redisUrl }, {})).toEqual([]);
    }
    expect(faultsOf({ redisPort: "8080", redisUrl: "redis://elsewhere" }, {})).toEqual([]);
  });

  it("run webhooks and the archiver only where something says what for, and show no password", () => {
    expect(
      readUpOptions({}, { MUSTER_WEBHOOKS: "hooks.json", DATABASE_URL: "postgres://me:secret@host/db" }),
    ).toMatchObject({ webhooks: resolve("hooks.json"), databaseUrl: "postgres://me:secret@host/db" });
    expect([flagOf("databaseUrl"), variableOf("databaseUrl")]).toEqual(["--database-url", "DATABASE_URL"]);
    expect(faultsOf({}, { DATABASE_URL: "mysql://me:secret@host/db" })).toEqual([
      "environment: DATABASE_URL: must be a URL as postgres://user:password@host/database",
    ]);
    expect(
      faultsOf({ webhooks: "hooks.json", databaseUrl: "postgres://host/db", basePort: "7400", port: "7411" }, {}),
    ).toEqual(['command line: --port: is also the port of archiver-1; change it or --base-port (is "7411")']);
  });

  it("read the demo's time, which needs the demo", () => {
    expect(readUpOptions({ demo: true, for: "1.5m" }, {})).toMatchObject({ demo: true, demoForMs: 90_000 });
    expect(faultsOf({ for: "60" }, {})).toEqual([
      'command line: --for: must be a time as 60s, 5m or 1h (is "60")',
      'command line: --for: has a meaning only with --demo (is "60")',
    ]);
  });
});
