import { originSettings } from "@muster/access";
import { baseSettings, type Env, portSetting, queuesFileSetting, readEnv } from "@muster/core/service";
import { type Static, Type } from "typebox";

const Settings = Type.Object({
  ...baseSettings,
  ...originSettings,
  MUSTER_PORT: portSetting(7420),
  MUSTER_QUEUES: queuesFileSetting,
  MUSTER_MAX_CONNECTIONS: Type.Integer({
    minimum: 1,
    maximum: 1_000_000,
    default: 50_000,
    description: "Sockets and streams of events that may be open at once; who comes then is told to try later.",
  }),
  MUSTER_API_URL: Type.String({
    default: "http://127.0.0.1:8080",
    pattern: "^https?://",
    description: "Where the HTTP API is; what players ask for on their own connections is called there.",
  }),
});

export type PlayserverConfig = Readonly<Static<typeof Settings>>;

/** @throws ConfigError that lists every fault */
export const readConfig = (env: Env): PlayserverConfig => readEnv(Settings, env);
