import { baseSettings, type Env, portSetting, queuesFileSetting, readEnv } from "@muster/core/service";
import { type Static, Type } from "typebox";

const Settings = Type.Object({
  ...baseSettings,
  MUSTER_PORT: portSetting(7410),
  MUSTER_QUEUES: queuesFileSetting,
});

export type SweeperConfig = Readonly<Static<typeof Settings>>;

export const readConfig = (env: Env): SweeperConfig => readEnv(Settings, env);
