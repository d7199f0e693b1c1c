import { type EventCursor, type EventLog, type EventPage, followEvents } from "@muster/store";
import type { Output } from "../queues/check.ts";
import { eventJson, eventLine, queueOf, typeOf } from "./event-line.ts";

/** Entries of the stream. */
const PAGE = 200;

export interface PrintOptions {
  from: EventCursor;
  queue?: string;
  type?: string;
  json: boolean;
}

/** Prints the events that there are. */
export const printEvents = async (log: EventLog, options: PrintOptions, output: Output): Promise<void> => {
  let cursor = options.from;
  const end = await log.end();
  // Up to where it ended when we began: what is written meanwhile would keep us here for ever.
  for (;;) {
    const page = await log.read(cursor, PAGE);
    printPage(page, options, output);
    cursor = page.next;
    if (!page.full || (cursor.count ?? 0) >= (end.count ?? 0)) return;
  }
};

/** Prints events as they happen until the signal. */
export const printEventsAsTheyHappen = async (
  log: EventLog,
  options: PrintOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> => {
  const onTrouble = (error: unknown) =>
    output.err(`can't read events right now, trying again: ${error instanceof Error ? error.message : error}`);
  for await (const page of followEvents(log, options.from, { signal, onTrouble })) printPage(page, options, output);
};

const printPage = (page: EventPage, { queue, type, json }: PrintOptions, { out, err }: Output): void => {
  if (page.restarted) err("the event stream was begun anew: what happened in between is not known");
  if (page.missed > 0) err(`what up to ${page.missed} calls told before the following is no longer kept`);
  for (const told of page.events) {
    if (queue !== undefined && queueOf(told.event) !== queue) continue;
    if (type !== undefined && typeOf(told.event) !== type) continue;
    out(json ? eventJson(told) : eventLine(told));
  }
};
