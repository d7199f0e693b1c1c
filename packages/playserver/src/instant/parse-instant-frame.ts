import { fieldFaults, INSTANT_REQUESTS, type InstantRequest, MusterError } from "@muster/core";
import { Compile } from "typebox/compile";

const CHECKS = new Map(Object.entries(INSTANT_REQUESTS).map(([event, schema]) => [event, Compile(schema)]));
const KNOWN = [...CHECKS.keys()].join(", ");

/**
 * Reads a frame of a client.
 *
 * @throws MusterError INVALID, which names the field and says what it must be
 */
export const parseInstantFrame = (text: string): InstantRequest => {
  const frame = parseJson(text);
  if (typeof frame !== "object" || frame === null || Array.isArray(frame)) {
    throw invalid("frame", 'must be a JSON object like {"event":"INSTANT_MATCH","data":{"alias":"…"}}');
  }
  const event = "event" in frame ? frame.event : undefined;
  const check = typeof event === "string" ? CHECKS.get(event) : undefined;
  if (!check) throw invalid("event", `${event === undefined ? "is missing; it " : ""}must be one of ${KNOWN}`);
  const other = Object.keys(frame).find((key) => key !== "event" && key !== "data");
  if (other !== undefined) throw invalid(other, "is not a field that is known here; leave it out");
  const data = "data" in frame ? frame.data : {};
  // One of the union's members: the event's own schema accepted it.
  if (check.Check(data)) return { event, data } as InstantRequest;
  const [fault] = fieldFaults(check.Errors(data), "data");
  throw invalid(fault?.field ?? "data", fault?.message ?? "is not valid");
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid("frame", `must be JSON: ${error instanceof Error ? error.message : error}`);
  }
};

const invalid = (field: string, message: string): MusterError =>
  new MusterError("INVALID", `${field} ${message}`, { faults: [{ field, message }] });
