import { baseSettings, type Env, portSetting, readEnv } from "@muster/core/service";
import { type Static, Type } from "typebox";

const Settings = Type.Object({ ...baseSettings, MUSTER_PORT: portSetting(7420) });

export type PlayserverConfig = Readonly<Static<typeof Settings>>;

/** @throws ConfigError that lists every fault */
export const readConfig = (env: Env): PlayserverConfig => readEnv(Settings, env);
