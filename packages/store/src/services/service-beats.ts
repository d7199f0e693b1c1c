import { ServiceBeat } from "@muster/core";
import { Value } from "typebox/value";
import type { StoreContext } from "../context.ts";
import { loadScript, runScript } from "../redis/run-script.ts";

const script = loadScript(new URL("./beat.lua", import.meta.url));

/** So long it is told of a service that died. */
export const SILENT_KEPT_MS = 600_000;

/** Keeps what a service says of itself, in place of what it said before. */
export const writeBeat = (context: StoreContext, beat: ServiceBeat): Promise<void> =>
  run(context, beat.name, JSON.stringify(beat));

/** Forgets a service that stops. Succeeds if it was forgotten before. */
export const forgetService = (context: StoreContext, name: string): Promise<void> => run(context, name, "");

const run = async ({ redis, keys, clock }: StoreContext, name: string, said: string): Promise<void> => {
  await runScript(redis, script, [keys.services, keys.servicesSeen], [name, clock.now(), said, SILENT_KEPT_MS]);
};

/** What every service said last, also those that died since; by name. What another version said otherwise is left out. */
export const readServices = async ({ redis, keys }: Pick<StoreContext, "redis" | "keys">): Promise<ServiceBeat[]> => {
  const said = await redis.hvals(keys.services);
  const beats = said.map((text) => JSON.parse(text) as unknown).filter((beat) => Value.Check(ServiceBeat, beat));
  return beats.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
};
