import { ID_RULE, MusterError, RealmRequest } from "@muster/core";
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
  const [fault] = check.Errors(frame);
  throw fault ? toError(fault) : invalid("frame", "is not valid");
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid("frame", `must be JSON: ${error instanceof Error ? error.message : error}`);
  }
};

type Fault = ReturnType<Check["Errors"]>[number];

const toError = (fault: Fault): MusterError => {
  switch (fault.keyword) {
    case "required":
      return invalid(String(fault.params.requiredProperties[0]), "is missing");
    case "boolean":
    case "additionalProperties":
      return invalid(fieldOf(fault.instancePath) || "frame", "is not a field of this frame; leave it out");
    case "pattern":
      return invalid(fieldOf(fault.instancePath), ID_RULE);
    case "maxItems":
      return invalid(fieldOf(fault.instancePath), `${fault.message}; send the others in frames of their own`);
    default:
      return invalid(fieldOf(fault.instancePath) || "frame", fault.message);
  }
};

/** `/players/17` → `players[17]` */
const fieldOf = (instancePath: string): string => instancePath.slice(1).replace(/\/(\d+)$/, "[$1]");

const invalid = (field: string, message: string): MusterError =>
  new MusterError("INVALID", `${field} ${message}`, { faults: [{ field, message }] });
