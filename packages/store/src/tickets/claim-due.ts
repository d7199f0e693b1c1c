import type { Ticket } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { readTickets } from "./read-ticket.ts";
import { SEARCH_LOST_AFTER_MS } from "./schedule.ts";

const script = loadScript(new URL("./claim-due.lua", import.meta.url));

/**
 * Takes up to `limit` waiting tickets whose time has come, those that have been due the longest first. They are due
 * again after SEARCH_LOST_AFTER_MS unless something else is decided about them before: whoever claims and dies costs
 * that time, nothing more. Two callers at once get different tickets.
 */
export const claimDue = async (context: StoreContext, queue: string, limit: number): Promise<Ticket[]> => {
  const { redis, keys, clock } = context;
  const now = clock.now();
  const ids = await runScript(redis, script, [keys.due(queue)], [now, limit, now + SEARCH_LOST_AFTER_MS]);
  const tickets = await readTickets(context, ids as string[]);
  return tickets.filter((ticket) => ticket !== null).filter((ticket) => ticket.status === "queued");
};
