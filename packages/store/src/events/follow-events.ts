import { setTimeout as sleep } from "node:timers/promises";
import type { EventCursor, EventPage } from "./event-cursor.ts";
import type { EventLog } from "./event-log.ts";

/** Entries, and so at most some thousands of events: they are in memory together, and Redis is busy as long. */
const PAGE = 200;
const RETRY_MS = 500;

/**
 * Reads on and on from a cursor until the signal; pages that say nothing are left out. While Redis can't be used it
 * tries again from the same place.
 *
 * @param onTrouble called when reading begins to fail, not at each try
 * @param restMs after a page that wasn't full: where much happens, one read is then for many events
 */
export async function* followEvents(
  log: EventLog,
  from: EventCursor,
  { signal, onTrouble, restMs = 0 }: { signal: AbortSignal; onTrouble: (error: unknown) => void; restMs?: number },
): AsyncGenerator<EventPage, void, void> {
  let cursor = from;
  let failing = false;
  const rest = (forMs: number) => sleep(forMs, undefined, { signal }).catch(() => {});
  while (!signal.aborted) {
    try {
      const page = await log.read(cursor, PAGE);
      failing = false;
      cursor = page.next;
      if (page.events.length > 0 || page.missed > 0 || page.restarted) yield page;
      if (page.events.length === 0) await log.wait(cursor);
      else if (!page.full && restMs > 0) await rest(restMs);
    } catch (error) {
      if (!failing) onTrouble(error);
      failing = true;
      await rest(RETRY_MS);
    }
  }
}
