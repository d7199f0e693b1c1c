import { ConfigError, ConfigFault, type ServiceBeat } from "@muster/core";
import type { StoreContext } from "./context.ts";

/**
 * Of the keys and jobs of this version. It rises with a change that the release before can't live with; that release and
 * the next one may run side by side, so what is written while the key still has the number before must be readable by both.
 */
export const FORMAT = 1;

type FormatContext = Pick<StoreContext, "redis" | "keys">;

/**
 * Notes the format where none is noted.
 *
 * @returns undefined when this version may work with what is kept; else why not
 */
export const settleFormat = async ({ redis, keys }: FormatContext): Promise<ConfigError | undefined> => {
  // Only then: a server that takes no writes is no reason to connect to another one.
  const reason = formatReason((await redis.get(keys.format)) ?? (await redis.set(keys.format, FORMAT, "NX", "GET")));
  return reason === undefined ? undefined : new ConfigError([new ConfigFault("Redis", keys.format, reason)]);
};

/** Why this version may not work with what is kept in a format; undefined: it may. @param text null: none is noted */
export const formatReason = (text: string | null): string | undefined => {
  const kept = text === null ? FORMAT : Number(text);
  if (kept === FORMAT || kept === FORMAT - 1) return undefined;
  const both = `what is kept has format ${text}, and this version knows ${FORMAT} and the one before`;
  if (kept > FORMAT) return `${both}: start a release as new as that, or restore a copy of Redis from before it`;
  return `${both}: start each release in between first, until its sweeper has raised the format`;
};

/** To be called from time to time: once no service of another version has been seen for ten minutes, there is no way back. */
export const raiseFormat = async (
  { redis, keys }: FormatContext,
  services: readonly ServiceBeat[],
  version: string,
): Promise<void> => {
  if (services.some((service) => service.version !== version)) return;
  if (Number((await redis.get(keys.format)) ?? FORMAT) < FORMAT) await redis.set(keys.format, FORMAT);
};
