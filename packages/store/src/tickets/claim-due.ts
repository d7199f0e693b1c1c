import type { Ticket } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { readTickets } from "./read-ticket.ts";
import { SEARCH_LOST_AFTER_MS } from "./schedule.ts";

const script = loadScript(new URL("./claim-due.lua", import.meta.url));
const dropScript = loadScript(new URL("./drop-gone.lua", import.meta.url));

/**
 * Takes up to `limit` waiting tickets whose time has come, those that have been due the longest first. They are due
 * again after SEARCH_LOST_AFTER_MS unless something else is decided about them before: whoever claims and dies costs
 * that time, nothing more. Two callers at once get different tickets. What has no record any more is due no more.
 */
export const claimDue = async (context: StoreContext, queue: string, limit: number): Promise<Ticket[]> => {
  const { redis, keys, clock } = context;
  const now = clock.now();
  const claimed = await runScript(redis, script, [keys.due(queue)], [now, limit, now + SEARCH_LOST_AFTER_MS]);
  // Its header says what it returns.
  const ids = claimed as string[];
  const tickets = await readTickets(context, ids);
  const gone = ids.filter((_, index) => tickets[index] === null);
  // The script looks again: an id may have come back meanwhile, or name a record that can't be read.
  if (gone.length > 0) await runScript(redis, dropScript, [keys.due(queue), ...gone.map(keys.ticket)], gone);
  return tickets.filter((ticket) => ticket !== null).filter((ticket) => ticket.status === "queued");
};
