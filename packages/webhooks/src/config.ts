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
  MUSTER_PORT: portSetting(7460),
  MUSTER_QUEUES: queuesFileSetting,
  MUSTER_PARTITIONS: servedPartitionsSetting,
  MUSTER_WEBHOOKS: Type.String({ minLength: 1, description: "The file of hooks." }),
  MUSTER_WEBHOOK_SECRETS: Type.String({
    minLength: 1,
    description: "Secrets by hook: a JSON object, or the path of a file that holds it.",
    writeOnly: true,
  }),
  MUSTER_WEBHOOK_TIMEOUT_MS: Type.Integer({
    minimum: 100,
    maximum: 30_000,
    default: 5_000,
    description: "How long an endpoint may take to answer.",
  }),
  MUSTER_WEBHOOK_GIVE_UP_AFTER_S: Type.Integer({
    minimum: 1,
    maximum: 604_800,
    default: 86_400,
    description: "How long a message is tried.",
  }),
  MUSTER_WEBHOOK_MAX_WAITING: Type.Integer({
    minimum: 1,
    maximum: 1_000_000,
    default: 10_000,
    description:
      "Messages that may be queued for a hook in each partition; further events stay in the event stream meanwhile.",
  }),
});

export type WebhooksConfig = Readonly<Static<typeof Settings>>;

export const readConfig = (env: Env): WebhooksConfig => readEnv(Settings, env);
