import { resolve } from "node:path";
import { ConfigError, ConfigFault, PARTITION_PATTERN } from "@muster/core";
import { isLoopback, parseRedisUrl, REDIS_URL_PATTERN } from "@muster/core/service";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { parseDuration } from "../load/duration.ts";
import { type LayoutOptions, optionalCounts } from "./layout.ts";
import { planServices } from "./plan.ts";

const port = (fallback: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 65_535, default: fallback, description });
const count = (minimum: number, fallback: number, what: string) =>
  Type.Integer({ minimum, maximum: 64, default: fallback, description: `how many ${what} run` });

/** Every setting of `muster up`. Each is an option and an environment variable; the option wins. */
export const UpSettings = Type.Object({
  host: Type.String({
    default: "127.0.0.1",
    pattern: "^([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*)$",
    description: "address that nginx listens on; 0.0.0.0 lets other machines in",
  }),
  port: port(8080, "port that nginx listens on"),
  orchestrators: count(1, 2, "orchestrators"),
  sweepers: count(0, 1, "sweepers"),
  matchmakers: count(0, 2, "matchmakers"),
  movers: count(0, 2, "movers (one leads, the others stand by)"),
  playservers: count(1, 2, "playservers"),
  basePort: port(7400, "first of the ports that the services listen on, one each"),
  redisPort: port(7379, "port of the Redis that is started"),
  redisUrl: Type.Optional(
    Type.String({
      pattern: REDIS_URL_PATTERN,
      description: "a Redis that runs already, as redis://host:6379, or sentinels or a cluster; then none is started",
    }),
  ),
  queues: Type.Optional(Type.String({ description: "a queues file, instead of the queues.json that Muster ships" })),
  keys: Type.Optional(
    Type.String({ description: "a file of API keys (muster keys create); with it, every caller must show one" }),
  ),
  open: Type.Boolean({ default: false, description: "with --host: let other machines in without keys" }),
  partition: Type.String({ default: "main", pattern: PARTITION_PATTERN, description: "the players that can meet" }),
  webhooks: Type.Optional(
    Type.String({ description: "a file of webhooks; with it, the role webhooks runs (needs MUSTER_WEBHOOK_SECRETS)" }),
  ),
  databaseUrl: Type.Optional(
    Type.String({
      pattern: "^postgres(ql)?://[^\\s]+$",
      description: "a PostgreSQL, as postgres://user@host/database; with it, the role archiver runs",
    }),
  ),
  data: Type.String({ default: ".muster", description: "directory of Redis's data, the logs and nginx's files" }),
  logLevel: Type.Enum(["trace", "debug", "info", "warn", "error", "silent"], {
    default: "info",
    description: "what services log: trace, debug, info, warn, error or silent",
  }),
  single: Type.Boolean({ default: false, description: "run all services in one process (Redis and nginx apart)" }),
  demo: Type.Boolean({ default: false, description: "send 200 players/s of a real population through the queue duel" }),
  json: Type.Boolean({ default: false, description: "say what runs and what happens as JSON, one object a line" }),
  for: Type.Optional(Type.String({ description: "with --demo: end after this time, as 60s or 5m, with a report" })),
});
type UpSettings = Static<typeof UpSettings>;
export type SettingName = keyof UpSettings;
export const SETTING_NAMES = Object.keys(UpSettings.properties) as SettingName[];

/** What the settings come to. */
export interface UpOptions extends LayoutOptions {
  data: string;
  demo: boolean;
  /** Speak to programs. */
  json: boolean;
  /** Absent: until it is stopped. */
  demoForMs?: number;
}

/** `basePort` is `--base-port` and MUSTER_BASE_PORT. */
export const flagOf = (name: SettingName): string => `--${words(name).join("-")}`;
export const variableOf = (name: SettingName): string =>
  COMMON_VARIABLES[name] ?? `MUSTER_${words(name).join("_").toUpperCase()}`;
/** Names that others use for the same. */
const COMMON_VARIABLES: Partial<Record<SettingName, string>> = { redisUrl: "REDIS_URL", databaseUrl: "DATABASE_URL" };
const words = (name: string): string[] => name.split(/(?=[A-Z])/).map((word) => word.toLowerCase());

/**
 * Merges options and environment and checks them.
 *
 * @param flags what stood on the command line
 * @throws ConfigError with all faults, each under the name by which the value came in
 */
export const readUpOptions = (
  flags: Readonly<Partial<Record<SettingName, string | boolean>>>,
  env: Readonly<Record<string, string | undefined>>,
): UpOptions => {
  const given = new Map<SettingName, { value: string | boolean; source: "command line" | "environment" }>();
  for (const name of SETTING_NAMES) {
    const flag = flags[name];
    // An empty variable is one that is not set: that is how compose files leave things out.
    const value = flag ?? (env[variableOf(name)] || undefined);
    if (value !== undefined) given.set(name, { value, source: flag === undefined ? "environment" : "command line" });
  }
  const fault = (name: SettingName, reason: string) => {
    const found = given.get(name);
    const label = found?.source === "environment" ? variableOf(name) : flagOf(name);
    // A database's URL holds a password.
    const shown = found && name !== "databaseUrl" ? ` (is "${found.value}")` : "";
    return new ConfigFault(found?.source ?? "settings", label, `${reason}${shown}`);
  };

  const texts = Object.fromEntries([...given].map(([name, { value }]) => [name, fromText(name, value)]));
  const settings = Value.Default(UpSettings, texts);
  if (!Value.Check(UpSettings, settings)) {
    const reasons = new Map<SettingName, string>();
    for (const error of Value.Errors(UpSettings, settings)) {
      const name = error.instancePath.slice(1) as SettingName;
      if (!reasons.has(name)) reasons.set(name, reasonFor(name, error.message));
    }
    throw new ConfigError([...reasons].map(([name, reason]) => fault(name, reason)));
  }
  const faults = conflicts(settings).map(([name, reason]) => fault(name, reason));
  if (faults.length > 0) throw new ConfigError(faults);
  return toOptions(settings);
};

/** Only what is a number or a yes or no through and through is taken for one: "7.5" and "80x" stay faulty texts. */
const fromText = (name: SettingName, value: string | boolean): unknown => {
  const type = (UpSettings.properties[name] as { type?: string }).type;
  if (typeof value === "boolean") return value;
  if (type === "integer" && /^\d{1,9}$/.test(value)) return Number(value);
  if (type === "boolean" && /^(1|true|yes|on)$/i.test(value)) return true;
  if (type === "boolean" && /^(0|false|no|off)$/i.test(value)) return false;
  return value;
};

const REASONS: Partial<Record<SettingName, string>> = {
  host: "must be an IP address",
  redisUrl: "must be a URL as redis://host:6379",
  databaseUrl: "must be a URL as postgres://user:password@host/database",
  partition: "must begin with a letter; up to 32 small letters, digits and hyphens",
  logLevel: "must be trace, debug, info, warn, error or silent",
  open: "must be 1 or 0",
  single: "must be 1 or 0",
  demo: "must be 1 or 0",
  json: "must be 1 or 0",
};
const reasonFor = (name: SettingName, message: string): string => REASONS[name] ?? message;

/** What only shows when settings are seen together. */
const conflicts = (settings: UpSettings): [SettingName, string][] => {
  const found: [SettingName, string][] = [];
  const { webhooks: _file, ...counts } = settings;
  const services = planServices({ ...counts, ...optionalCounts(settings) }, settings.basePort);
  const last = services.at(-1)?.port ?? settings.basePort;
  if (last > 65_535) found.push(["basePort", `leaves no room for ${services.length} services`]);
  const holderOf = (wanted: number) => services.find((service) => service.port === wanted)?.name;
  const ofNginx = holderOf(settings.port);
  if (ofNginx) found.push(["port", `is also the port of ${ofNginx}; change it or --base-port`]);
  if (!isLoopback(settings.host) && settings.keys === undefined && !settings.open) {
    found.push(["host", `lets other machines in, and no keys are in use: name a keys file by --keys, or say --open`]);
  }
  if (settings.redisUrl === undefined) {
    const ofRedis = settings.redisPort === settings.port ? "nginx" : holderOf(settings.redisPort);
    if (ofRedis) found.push(["redisPort", `is also the port of ${ofRedis}`]);
  } else if (!parseRedisUrl(settings.redisUrl)) {
    found.push(["redisUrl", "must be a URL as redis://host:6379"]);
  }
  if (settings.for !== undefined) {
    if (!(parseDuration(settings.for) ?? 0)) found.push(["for", "must be a time as 60s, 5m or 1h"]);
    if (!settings.demo) found.push(["for", "has a meaning only with --demo"]);
  }
  return found;
};

const toOptions = (all: UpSettings): UpOptions => {
  const { for: duration, redisUrl, queues, keys, webhooks, databaseUrl, ...settings } = all;
  const demoForMs = duration === undefined ? undefined : parseDuration(duration);
  return {
    ...settings,
    data: resolve(settings.data),
    ...(redisUrl !== undefined && { redisUrl }),
    ...(queues !== undefined && { queues: resolve(queues) }),
    ...(keys !== undefined && { keys: resolve(keys) }),
    ...(webhooks !== undefined && { webhooks: resolve(webhooks) }),
    ...(databaseUrl !== undefined && { databaseUrl }),
    ...(demoForMs !== undefined && { demoForMs }),
  };
};
