import { isIPv4 } from "node:net";
import { Type } from "typebox";
import { ConfigError, ConfigFault } from "../config-error.ts";

/** What every service reads about who may come in. */
export const accessSettings = {
  MUSTER_KEYS: Type.Optional(
    Type.String({ minLength: 1, description: "The keys file. Absent: whoever reaches the service may use it." }),
  ),
  MUSTER_OPEN: Type.Union([Type.Literal("on"), Type.Literal("off")], {
    default: "off",
    description: "on: to listen on other addresses than loopback without keys is wanted.",
  }),
};

interface AccessConfig {
  readonly MUSTER_HOST: string;
  readonly MUSTER_KEYS?: string | undefined;
  readonly MUSTER_OPEN?: "on" | "off" | undefined;
}

/**
 * Refuses what would let strangers in by oversight: to listen where other machines can come in, without keys. That holds
 * also for services that answer probes and /metrics only: those tell who plays, and how much.
 *
 * @throws ConfigError that says the ways out
 */
export const requireSafeHost = ({ MUSTER_HOST, MUSTER_KEYS, MUSTER_OPEN }: AccessConfig): void => {
  if (isLoopback(MUSTER_HOST) || MUSTER_KEYS !== undefined || MUSTER_OPEN === "on") return;
  throw new ConfigError([new ConfigFault("environment", "MUSTER_HOST", unsafe(MUSTER_HOST))]);
};

const unsafe = (host: string): string =>
  `is ${host}, where other machines can come in, and no keys are in use: make some by \`muster keys create\` and name the file in MUSTER_KEYS; or listen on 127.0.0.1; or, where only your own machines come in, set MUSTER_OPEN=on`;

export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
