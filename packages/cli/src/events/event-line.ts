import type { StreamEvent } from "@muster/core";

/** An event as a line for people: `2026-11-23T21:00:00.000Z  matched    duel  match=… eloGap=12`. */
export const eventLine = ({ id, event }: StreamEvent): string => {
  const { type, queue, at, ...rest } = fieldsOf(event);
  const when = new Date(Number(at ?? id.split("-")[0]));
  const time = Number.isNaN(when.getTime()) ? "-" : when.toISOString();
  const details = Object.entries(rest).map(([name, value]) => `${name}=${value}`);
  return [time, String(type).padEnd(12), queue ?? "-", details.join(" ")].join("  ").trimEnd();
};

/** An event as a line for programs: its id in the stream and all of its fields. */
export const eventJson = ({ id, event }: StreamEvent): string => JSON.stringify({ id, ...fieldsOf(event) });

/** What a newer version wrote is shown as that wrote it. */
const fieldsOf = (event: StreamEvent["event"]): Readonly<Record<string, string | number | undefined>> =>
  event.type === "other" ? event.fields : event;

export const typeOf = (event: StreamEvent["event"]): string => (event.type === "other" ? event.name : event.type);

export const queueOf = (event: StreamEvent["event"]): string | undefined =>
  event.type === "other" ? event.fields.queue : event.queue;
