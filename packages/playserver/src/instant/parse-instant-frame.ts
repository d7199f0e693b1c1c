import { fieldFaults, INSTANT_REQUESTS, type InstantRequest } from "@muster/core";
import { Compile } from "typebox/compile";
import { invalidFrame, parseObject } from "../frame-text.ts";

const CHECKS = new Map(Object.entries(INSTANT_REQUESTS).map(([event, schema]) => [event, Compile(schema)]));
const EXAMPLE = '{"event":"INSTANT_MATCH","data":{"alias":"…"}}';
const KNOWN = [...CHECKS.keys()].join(", ");

/**
 * Reads a frame of a client.
 *
 * @throws MusterError INVALID, which names the field and says what it must be
 */
export const parseInstantFrame = (text: string): InstantRequest => {
  const frame = parseObject(text, EXAMPLE);
  const event = "event" in frame ? frame.event : undefined;
  const check = typeof event === "string" ? CHECKS.get(event) : undefined;
  if (!check) throw invalidFrame("event", `${event === undefined ? "is missing; it " : ""}must be one of ${KNOWN}`);
  const other = Object.keys(frame).find((key) => key !== "event" && key !== "data");
  if (other !== undefined) throw invalidFrame(other, "is not a field that is known here; leave it out");
  const data = "data" in frame ? frame.data : {};
  // One of the union's members: the event's own schema accepted it.
  if (check.Check(data)) return { event, data } as InstantRequest;
  const [fault] = fieldFaults(check.Errors(data), "data");
  throw invalidFrame(fault?.field ?? "data", fault?.message ?? "is not valid");
};
