import { originSettings } from "@muster/access";
import { baseSettings, type Env, portSetting, queuesFileSetting, readEnv } from "@muster/core/service";
import { type Static, Type } from "typebox";

const Settings = Type.Object({
  ...baseSettings,
  ...originSettings,
  MUSTER_PORT: portSetting(7400),
  MUSTER_QUEUES: queuesFileSetting,
  MUSTER_GATHER_MS: Type.Integer({
    minimum: 0,
    maximum: 1_000,
    default: 5,
    description:
      "New tickets wait at least so long for others to be searched for together; longer, up to 50 ms, on busy machines.",
  }),
  MUSTER_MAX_DELAY_MS: Type.Integer({
    minimum: 100,
    maximum: 600_000,
    default: 1_000,
    description: "New tickets are refused while they would wait longer than this for their first search.",
  }),
  MUSTER_DRAIN_MS: Type.Integer({
    minimum: 0,
    maximum: 10_000,
    default: 500,
    description:
      "When it is to stop it goes on answering for so long and asks callers to connect elsewhere, before it closes.",
  }),
});

export type OrchestratorConfig = Readonly<Static<typeof Settings>>;

export const readConfig = (env: Env): OrchestratorConfig => readEnv(Settings, env);
