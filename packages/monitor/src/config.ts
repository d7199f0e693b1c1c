import { baseSettings, type Env, portSetting, readEnv } from "@muster/core/service";
import { type Static, Type } from "typebox";

const Settings = Type.Object({ ...baseSettings, MUSTER_PORT: portSetting(7409) });
export type Config = Readonly<Static<typeof Settings>>;

/** @throws ConfigError that lists every fault */
export const readConfig = (env: Env): Config => readEnv(Settings, env);
