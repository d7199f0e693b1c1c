import type { StoreContext } from "../context.ts";
import { loadScript, runScript, type ScriptArgument } from "../redis/run-script.ts";

const script = loadScript(new URL("./reserve-tickets.lua", import.meta.url));

/** A ticket as it was seen: in another version it is another one. */
export interface SeenTicket {
  id: string;
  version: number;
}

/**
 * Takes groups of tickets for the caller, each wholly or not at all, so that no two searches propose the same ticket.
 * Only a hint, which ends by itself: the commit checks everything.
 *
 * @param groups the tickets of each proposal; none twice
 * @returns for each group, which of its tickets another has; the group was taken when none is
 */
export const reserveTickets = async (
  { redis, keys, clock }: StoreContext,
  groups: readonly (readonly SeenTicket[])[],
  forMs: number,
): Promise<SeenTicket[][]> => {
  if (groups.length === 0) return [];
  const now = clock.now();
  const args: ScriptArgument[] = [now, now + forMs];
  for (const group of groups) args.push(group.length, ...group.map(({ id, version }) => `${id} ${version}`));
  // The script's header says what it returns.
  const answer = (await runScript(redis, script, [keys.reserved], args)) as number[];
  let place = 0;
  return groups.map((group) => group.filter(() => answer[place++] === 1));
};
