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
  MUSTER_PORT: portSetting(7440),
  MUSTER_QUEUES: queuesFileSetting,
  MUSTER_PARTITIONS: servedPartitionsSetting,
  MUSTER_LEASE_MS: Type.Integer({
    minimum: 300,
    maximum: 60_000,
    default: 1_000,
    description: "A leader that is silent for so long is replaced.",
  }),
});

export type MoverConfig = Readonly<Static<typeof Settings>>;

export const readConfig = (env: Env): MoverConfig => readEnv(Settings, env);
