import type { StoreContext } from "../context.ts";
import { eloBucket } from "../keys.ts";
import { loadScript, runScript, type ScriptArgument } from "../redis/run-script.ts";

const script = loadScript(new URL("./retry-tickets.lua", import.meta.url));

export interface Retry {
  /** When they are looked at again, ms since the epoch. */
  dueAt: number;
  /** Whether their criteria widen: not after a conflict, which is no fault of theirs. */
  countTry: boolean;
}

export type Retried = { id: string; version: number; elo: number; tries?: number };

/** Sends tickets back to wait. One that ended or was changed in between is left alone. */
export const retryTickets = async (
  { redis, keys }: StoreContext,
  queue: string,
  tickets: readonly Retried[],
  { dueAt, countTry }: Retry,
): Promise<void> => {
  if (tickets.length === 0) return;
  const scriptKeys = [keys.due(queue)];
  const args: ScriptArgument[] = [dueAt, countTry ? 1 : 0];
  for (const { id, version, elo, tries } of tickets) {
    scriptKeys.push(keys.ticket(id), keys.eloBucket(queue, eloBucket(elo)));
    args.push(id, version, tries ?? 0);
  }
  await runScript(redis, script, scriptKeys, args);
};
