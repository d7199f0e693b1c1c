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
 */
export const schemaFaults = (faults: readonly Fault[]): SchemaFileFault[] => {
  let left = [...faults];
  const told: SchemaFileFault[] = [];
  // The innermost first: what is meant there may decide what is meant around it.
  for (const union of faults.filter(({ keyword }) => keyword === "anyOf").sort(byDepth)) {
    const alternatives = alternativesOf(union, left);
    const meant = meantOf(union, alternatives);
    if (!meant) told.push(noneMeant(union, [...alternatives.values()].flat()));
    const dropped = new Set([union, ...[...alternatives.values()].filter((each) => each !== meant).flat()]);
    left = left.filter((fault) => !dropped.has(fault));
  }
  return [...left.map((fault) => ({ path: fault.instancePath || "/", reason: reasonOf(fault) })), ...told];
};

const byDepth = (a: Fault, b: Fault): number => b.schemaPath.length - a.schemaPath.length;

/** The faults of each alternative of a union, by its place. */
const alternativesOf = (union: Fault, faults: readonly Fault[]): Map<string, Fault[]> => {
  const start = `${union.schemaPath}/anyOf/`;
  const inside = faults.filter(
    ({ schemaPath, instancePath }) => schemaPath.startsWith(start) && instancePath.startsWith(union.instancePath),
  );
  return Map.groupBy(inside, ({ schemaPath }) => schemaPath.slice(start.length).split("/")[0] ?? "");
};

/** The alternative whose type and constants fit, with the fewest faults; undefined when none does. */
const meantOf = (union: Fault, alternatives: ReadonlyMap<string, Fault[]>): Fault[] | undefined =>
  [...alternatives.values()]
    .filter((faults) => !faults.some((fault) => rulesOut(union, fault)))
    .sort((a, b) => a.length - b.length)[0];

const rulesOut = (union: Fault, { keyword, instancePath }: Fault): boolean =>
  keyword === "const" || (keyword === "type" && instancePath === union.instancePath);

const noneMeant = (union: Fault, faults: readonly Fault[]): SchemaFileFault => {
  const constants = faults.filter(({ keyword }) => keyword === "const");
  if (constants[0]) {
    return { path: constants[0].instancePath, reason: `must be one of ${constants.map(allowedOf).join(", ")}` };
  }
  const types = faults.filter((fault) => rulesOut(union, fault)).map(({ params }) => param(params, "type"));
  return { path: union.instancePath || "/", reason: `must be ${types.join(" or ")}` };
};

const reasonOf = (fault: Fault): string => {
  switch (fault.keyword) {
    case "enum":
      return `must be one of ${allowedOf(fault)}`;
    case "const":
      return `must be ${allowedOf(fault)}`;
    default:
      return fault.message;
  }
};

const allowedOf = ({ params }: Fault): string => {
  const values = param(params, "allowedValues") ?? param(params, "allowedValue");
  return (Array.isArray(values) ? values : [values]).join(", ");
};

const param = (params: object, name: string): unknown => Reflect.get(params, name);
