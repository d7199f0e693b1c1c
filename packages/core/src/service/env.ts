import { readFileSync } from "node:fs";
import { type Static, type TObject, type TSchema, Type } from "typebox";
import { Value } from "typebox/value";
import { allErrors } from "../all-errors.ts";
import { ConfigError, ConfigFault } from "../config-error.ts";
import { DEFAULT_PARTITION, PARTITION_PATTERN } from "../ids.ts";
import { parseRedisUrl, REDIS_URL_PATTERN } from "./redis-url.ts";
import { accessSettings, requireSafeHost } from "./safe-host.ts";
import { tracingSettings } from "./tracing.ts";

export type Env = Readonly<Record<string, string | undefined>>;

const REDIS_URL_FORMS =
  "must be redis://host:6379, redis-sentinel://host:26379,host:26379/master or redis-cluster://host:7000,host:7001";

/** The settings that every service reads. */
export const baseSettings = {
  MUSTER_NAME: Type.Optional(
    Type.String({ pattern: "^[a-z0-9][a-z0-9.-]{0,63}$", description: "This instance's name." }),
  ),
  MUSTER_HOST: Type.String({ default: "127.0.0.1", minLength: 1, description: "Address to listen on." }),
  ...accessSettings,
  ...tracingSettings,
  MUSTER_PARTITION: Type.String({
    default: DEFAULT_PARTITION,
    pattern: PARTITION_PATTERN,
    description: "The deployment's own partition: that of queues which name none. The same for all services.",
  }),
  MUSTER_DURABILITY: Type.Union([Type.Literal("fast"), Type.Literal("replicated")], {
    default: "fast",
    description:
      "replicated: nothing is answered with success before a replica of Redis has it. The same for all services.",
  }),
  MUSTER_KEEP_ENDED_S: Type.Integer({
    minimum: 600,
    maximum: 604_800,
    default: 3_600,
    description: "How long the outcome of a ticket or a match can be learnt. The same for all services.",
  }),
  MUSTER_LOG_LEVEL: Type.Union(
    (["trace", "debug", "info", "warn", "error", "silent"] as const).map((level) => Type.Literal(level)),
    { default: "info" },
  ),
  REDIS_URL: Type.String({
    default: "redis://127.0.0.1:6379",
    pattern: REDIS_URL_PATTERN,
    description: "One server, sentinels or a cluster: see parseRedisUrl.",
    writeOnly: true,
  }),
};

/** What the settings say to a service's stores. */
export const storeSettings = (config: { MUSTER_DURABILITY: "fast" | "replicated"; MUSTER_KEEP_ENDED_S: number }) => ({
  durability: config.MUSTER_DURABILITY,
  retention: { endedMs: config.MUSTER_KEEP_ENDED_S * 1_000 },
});

/** Of services that may be told to work for some partitions only. */
export const servedPartitionsSetting = Type.Optional(
  Type.String({
    pattern: `${PARTITION_PATTERN.slice(0, -1)}(,${PARTITION_PATTERN.slice(1, -1)})*$`,
    description: "Partitions to work for, with commas between. Absent: all that the queues file names.",
  }),
);

export const portSetting = (fallback: number) => Type.Integer({ minimum: 0, maximum: 65_535, default: fallback });

export const queuesFileSetting = Type.String({ default: "queues.json", minLength: 1 });

/** Schemas that say `writeOnly` are of secrets: what they hold stands in no message. */
const isSecret = (schema: TSchema | undefined): boolean => schema !== undefined && "writeOnly" in schema;

/**
 * The text of a variable; or of the file that `NAME_FILE` names, as containers are given secrets. Without the end of
 * its last line, which editors add.
 *
 * @throws ConfigFault when the file can't be read, or both are set
 */
const textOf = (name: string, env: Env): string | undefined => {
  const [text, file] = [env[name], env[`${name}_FILE`]];
  // An empty variable is one that is not set: that is how compose files leave things out.
  if (!file) return text || undefined;
  if (text) throw new ConfigFault("environment", name, `is set, and ${name}_FILE too: which one counts?`);
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "") || undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigFault("environment", `${name}_FILE`, `can't be read: ${reason}`);
  }
};

/**
 * Reads settings from the environment: defaults filled in, text turned into numbers, frozen. Each may be given as a file
 * instead, named by the same variable with `_FILE` behind it.
 *
 * @throws ConfigError that lists every faulty variable, not only the first; also for an address where strangers may come
 * in (safe-host.ts)
 */
export const readEnv = <Schema extends TObject>(schema: Schema, env: Env): Readonly<Static<Schema>> => {
  const unreadable: ConfigFault[] = [];
  const named = Object.fromEntries(
    Object.entries(schema.properties).flatMap(([name, property]) => {
      try {
        const text = textOf(name, env);
        if (text === undefined) return [];
        // TypeBox's own conversion would take "7.5" for the integer 7.
        return [[name, Type.IsInteger(property) && /^-?\d+$/.test(text) ? Number(text) : text]];
      } catch (error) {
        if (!(error instanceof ConfigFault)) throw error;
        unreadable.push(error);
        return [];
      }
    }),
  );
  if (unreadable.length > 0) throw new ConfigError(unreadable);
  const settings = Value.Default(schema, named);
  if (!Value.Check(schema, settings)) {
    // A union of literals reports one fault per literal; one line per variable is enough for a reader.
    const reasons = new Map<string, string>();
    for (const error of allErrors(() => Value.Errors(schema, settings))) {
      const name = error.instancePath.split("/")[1];
      if (name === undefined || reasons.has(name)) continue;
      const value = isSecret(schema.properties[name]) ? "" : ` (is "${named[name]}")`;
      reasons.set(name, error.message + value);
    }
    throw new ConfigError([...reasons].map(([name, reason]) => new ConfigFault("environment", name, reason)));
  }
  const { REDIS_URL } = settings as { REDIS_URL?: string };
  if (REDIS_URL !== undefined && !parseRedisUrl(REDIS_URL)) {
    throw new ConfigError([new ConfigFault("environment", "REDIS_URL", `${REDIS_URL_FORMS} (is another)`)]);
  }
  // Here, so that no service can forget it.
  const { MUSTER_HOST, MUSTER_KEYS, MUSTER_OPEN } = settings as Partial<Static<Type.TObject<typeof baseSettings>>>;
  if (MUSTER_HOST !== undefined) requireSafeHost({ MUSTER_HOST, MUSTER_KEYS, MUSTER_OPEN });
  return Object.freeze(settings);
};
