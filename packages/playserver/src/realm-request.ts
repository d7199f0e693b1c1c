import { fieldFaults, MusterError, RealmRequest } from "@muster/core";
import { Compile } from "typebox/compile";

type Check = ReturnType<typeof Compile<(typeof RealmRequest.anyOf)[number]>>;

/** A check of its own for each op, so that a fault can be told in terms of the frame that was meant. */
const checks = new Map<unknown, Check>(
  RealmRequest.anyOf.map((schema) => [schema.properties.op.const, Compile(schema)]),
);

const KNOWN_OPS = [...checks.keys()].map((op) => `"${op}"`).join(" or ");

/**
 * Reads a frame that a realm sent.
 *
 * @throws MusterError INVALID that names the field and says what it must be
 */
export const parseRealmRequest = (text: string): RealmRequest => {
  const frame = parseJson(text);
  if (typeof frame !== "object" || frame === null || Array.isArray(frame)) {
    throw invalid("frame", 'must be a JSON object like {"op":"watch","players":["anna"]}');
  }
  const op = "op" in frame ? frame.op : undefined;
  const check = checks.get(op);
  if (!check) throw invalid("op", op === undefined ? `is missing; it must be ${KNOWN_OPS}` : `must be ${KNOWN_OPS}`);
  if (check.Check(frame)) return frame;
  const [fault] = fieldFaults(check.Errors(frame), "frame");
  throw invalid(fault?.field ?? "frame", fault?.message ?? "is not valid");
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
