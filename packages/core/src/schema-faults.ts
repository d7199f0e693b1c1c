import type { TSchema } from "typebox";
import type { TLocalizedValidationError } from "typebox/error";

/** One fault of a file: where it is, as a JSON pointer, and what is wrong. */
export interface SchemaFileFault {
  readonly path: string;
  readonly reason: string;
}

type Fault = TLocalizedValidationError;

/**
 * What a schema check found, in words for whoever wrote the file. Of a union it tells only the faults of the alternative
 * that was meant; TypeBox tells those of all alternatives.
 *
 * @param schema that the file was checked with
 */
export const schemaFaults = (schema: TSchema, faults: readonly Fault[]): SchemaFileFault[] => {
  let left = [...faults];
  const told: SchemaFileFault[] = [];
  // The outermost first: a union inside an alternative that wasn't meant is of no interest.
  for (const union of faults.filter(({ keyword }) => keyword === "anyOf").sort(byDepth)) {
    if (!left.includes(union)) continue;
    const alternatives = alternativesOf(union, left);
    const meant = meantOf(union, alternatives);
    if (!meant) told.push(noneMeant(union, alternatives));
    const dropped = new Set([union, ...alternatives.filter((each) => each !== meant).flat()]);
    left = left.filter((fault) => !dropped.has(fault));
  }
  return [...left.flatMap((fault) => inWords(schema, fault)), ...told];
};

const byDepth = (a: Fault, b: Fault): number => a.schemaPath.length - b.schemaPath.length;

/** The faults of each alternative of a union that has any. */
const alternativesOf = (union: Fault, faults: readonly Fault[]): Fault[][] => {
  const start = `${union.schemaPath}/anyOf/`;
  const inside = faults.filter(
    ({ schemaPath, instancePath }) => schemaPath.startsWith(start) && isAtOrIn(union.instancePath, instancePath),
  );
  return [...Map.groupBy(inside, ({ schemaPath }) => schemaPath.slice(start.length).split("/")[0]).values()];
};

const isAtOrIn = (outer: string, path: string): boolean => path === outer || path.startsWith(`${outer}/`);

/** The alternative whose type and constants fit, with the fewest faults; undefined when none does. */
const meantOf = (union: Fault, alternatives: readonly Fault[][]): Fault[] | undefined => {
  if (missingInAll(union, alternatives).length > 0) return undefined;
  return alternatives
    .filter((faults) => !faults.some((fault) => rulesOut(union, fault)))
    .sort((a, b) => a.length - b.length)[0];
};

/** What every alternative requires and isn't there: without it, as without `kind`, none can have been meant. */
const missingInAll = (union: Fault, alternatives: readonly Fault[][]): string[] => {
  if (alternatives.flat().some((fault) => rulesOut(union, fault))) return [];
  const [first = [], ...others] = alternatives.map((faults) =>
    faults
      .filter(({ keyword, instancePath }) => keyword === "required" && instancePath === union.instancePath)
      .flatMap(({ params }) => listOf(params, "requiredProperties")),
  );
  return first.filter((name) => others.every((names) => names.includes(name)));
};

/** A wrong constant, as `kind`, or a wrong type of the whole; not one of a union further inside. */
const rulesOut = (union: Fault, { keyword, instancePath, schemaPath }: Fault): boolean => {
  const inside = schemaPath.slice(union.schemaPath.length).split("/anyOf/").length > 2;
  return !inside && (keyword === "const" || (keyword === "type" && instancePath === union.instancePath));
};

const noneMeant = (union: Fault, alternatives: readonly Fault[][]): SchemaFileFault => {
  const [missing] = missingInAll(union, alternatives);
  if (missing !== undefined) return { path: `${union.instancePath}/${missing}`, reason: MISSING };
  const against = alternatives.flat().filter((fault) => rulesOut(union, fault));
  const constants = against.filter(({ keyword }) => keyword === "const");
  if (constants[0]) {
    const allowed = constants.flatMap(({ params }) => listOf(params, "allowedValue"));
    return { path: constants[0].instancePath, reason: `must be one of ${allowed.join(", ")}` };
  }
  const types = new Set(against.flatMap(({ params }) => listOf(params, "type")));
  return { path: union.instancePath, reason: `must be ${[...types].join(" or ")}` };
};

const MISSING = "is missing";

const inWords = (schema: TSchema, fault: Fault): SchemaFileFault[] => {
  const { keyword, instancePath: path, params, message } = fault;
  switch (keyword) {
    case "required":
      return listOf(params, "requiredProperties").map((name) => ({ path: `${path}/${name}`, reason: MISSING }));
    case "enum":
      return [{ path, reason: `must be one of ${listOf(params, "allowedValues").join(", ")}` }];
    case "const":
      return [{ path, reason: `must be ${listOf(params, "allowedValue").join("")}` }];
    // Each such property is told by a fault of its own, which is the next.
    case "additionalProperties":
      return [];
    case "boolean":
      return [{ path, reason: unknownProperty(schema, fault) }];
    default:
      return [{ path: path || "/", reason: message }];
  }
};

/** Where names are free they have a pattern; elsewhere they are a fixed set. */
const unknownProperty = (schema: TSchema, { schemaPath }: Fault): string => {
  // "#", the way to the object, "additionalProperties".
  const way = schemaPath.split("/").slice(1, -1);
  const object = way.reduce<object>((outer, key) => objectIn(outer, key), schema);
  const [pattern] = Object.keys(objectIn(object, "patternProperties"));
  return pattern === undefined
    ? `is not known here; known are ${Object.keys(objectIn(object, "properties")).join(", ")}`
    : `is no name that can be used here: it must match ${pattern}`;
};

const objectIn = (outer: object, key: string): object => {
  const inner: unknown = Reflect.get(outer, key);
  return typeof inner === "object" && inner !== null ? inner : {};
};

const listOf = (params: object, name: string): string[] => {
  const value: unknown = Reflect.get(params, name);
  return (Array.isArray(value) ? value : [value]).map(String);
};
