import { ConfigError, ConfigFault } from "@muster/core";
import {
  baseSettings,
  type Env,
  portSetting,
  queuesFileSetting,
  readEnv,
  servedPartitionsSetting,
} from "@muster/core/service";
import { type Static, Type } from "typebox";

const Settings = Type.Object({
  ...baseSettings,
  MUSTER_PORT: portSetting(7470),
  MUSTER_QUEUES: queuesFileSetting,
  MUSTER_PARTITIONS: servedPartitionsSetting,
  DATABASE_URL: Type.String({
    minLength: 1,
    description: "PostgreSQL, as postgres://user:password@host/database.",
    writeOnly: true,
  }),
});

export type ArchiverConfig = Readonly<Static<typeof Settings>>;

export const readConfig = (env: Env): ArchiverConfig => {
  const config = readEnv(Settings, env);
  // Checked here, because the fault must not show the value: it holds a password.
  if (!/^postgres(ql)?:\/\//.test(config.DATABASE_URL)) {
    const reason = "must be a URL as postgres://user:password@host/database";
    throw new ConfigError([new ConfigFault("environment", "DATABASE_URL", reason)]);
  }
  return config;
};
