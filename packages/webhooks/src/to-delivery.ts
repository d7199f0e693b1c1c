import type { StreamEvent } from "@muster/core";
import type { Delivery, Store } from "@muster/store";
import type { Hook } from "./hook.ts";

/** Whether a hook wants to hear of an event. */
export const wants = ({ queues, events }: Hook, { event }: StreamEvent): boolean =>
  event.type !== "other" && events.has(event.type) && (queues?.has(event.queue) ?? true);

/**
 * The message that tells of an event: `{type, timestamp, data: {event, match | ticket}}`. The match or the ticket is as
 * it is now, which may be later than the event; it is absent when its record is gone.
 */
export const toDelivery = async (
  { id, event }: StreamEvent,
  partition: string,
  store: Pick<Store, "readMatch" | "readTicket">,
): Promise<Delivery> => {
  const match = "match" in event && event.match ? await store.readMatch(event.match) : null;
  const ticket = "ticket" in event && event.ticket ? await store.readTicket(event.ticket) : null;
  const happenedAt = event.type === "other" ? Number.parseInt(id, 10) : event.at;
  const body = {
    type: event.type,
    timestamp: new Date(happenedAt).toISOString(),
    data: { partition, event, ...(match && { match }), ...(ticket && { ticket }) },
  };
  return { id: `evt_${partition}_${id}`, body: JSON.stringify(body) };
};
