import { baseSettings, type Env, portSetting, queuesFileSetting, readEnv } from "@muster/core/service";
import { type Static, Type } from "typebox";

const Settings = Type.Object({
  ...baseSettings,
  MUSTER_PORT: portSetting(7409),
  MUSTER_QUEUES: queuesFileSetting,
  MUSTER_API_URL: Type.String({ default: "http://127.0.0.1:8080", pattern: "^https?://" }),
  MUSTER_TESTER: Type.Union([Type.Literal("on"), Type.Literal("off")], {
    default: "off",
    description:
      "Whether the page may put players into queues and kill services: for trying things out, never for players.",
  }),
  MUSTER_API_KEY: Type.Optional(Type.String({ minLength: 1, description: "With keys: what the tester calls with." })),
  MUSTER_ADMIN_KEY: Type.Optional(
    Type.String({ minLength: 16, description: "What the tester asks for.", writeOnly: true }),
  ),
});
export type Config = Readonly<Static<typeof Settings>>;

/** @throws ConfigError that lists every fault */
export const readConfig = (env: Env): Config => readEnv(Settings, env);
