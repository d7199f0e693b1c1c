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
  MUSTER_PORT: portSetting(7410),
  MUSTER_QUEUES: queuesFileSetting,
  MUSTER_PARTITIONS: servedPartitionsSetting,
});

export type SweeperConfig = Readonly<Static<typeof Settings>>;

export const readConfig = (env: Env): SweeperConfig => readEnv(Settings, env);
