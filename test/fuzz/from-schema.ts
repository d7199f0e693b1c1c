import { ID_PATTERN } from "@muster/core";
import fc from "fast-check";
import { nasty } from "./nasty.ts";

/** What is looked at of a JSON schema: as much as Muster's use. */
export interface JsonSchema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  patternProperties?: Record<string, JsonSchema>;
  maxProperties?: number;
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  maxLength?: number;
}

/** So few that many a call is about one who is in something already. */
export const PLAYERS = 2_000;
const someId = fc.integer({ min: 0, max: PLAYERS - 1 }).map((n) => `p${n}`);

/** Values that a schema accepts, or nearly all of which it does: some rules of its own it may not know. */
export const valid = (schema: JsonSchema): fc.Arbitrary<unknown> => {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(valid));
  switch (schema.type) {
    case "object":
      return objectOf(schema);
    case "array": {
      const { items = {}, minItems = 0, maxItems = 3 } = schema;
      return fc.array(valid(items), { minLength: minItems, maxLength: Math.max(minItems, Math.min(3, maxItems)) });
    }
    case "string": {
      const { pattern, maxLength = 20 } = schema;
      if (pattern === ID_PATTERN)
        return fc.oneof({ weight: 9, arbitrary: someId }, fc.stringMatching(new RegExp(pattern)));
      return pattern === undefined ? fc.string({ maxLength }) : fc.stringMatching(new RegExp(pattern));
    }
    case "integer":
      return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 1_000 });
    case "number":
      return fc.double({ min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6, noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
};

const objectOf = ({ properties = {}, required = [], patternProperties, maxProperties = 3 }: JsonSchema) => {
  const [named] = Object.entries(patternProperties ?? {});
  if (named) {
    const [pattern, schema] = named;
    const maxKeys = Math.min(3, maxProperties);
    return fc.dictionary(fc.stringMatching(new RegExp(pattern)), valid(schema), { maxKeys });
  }
  const fields = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, valid(schema)]));
  const needed = Object.fromEntries(Object.entries(fields).filter(([name]) => required.includes(name)));
  // With everything that may be there, something nearly always contradicts something.
  return fc.oneof(fc.record(needed), fc.record(fields, { requiredKeys: required }));
};

/** The same with one part replaced by something that fits nowhere, or with something beside it that nobody asked for. */
export const spoilt = (schema: JsonSchema): fc.Arbitrary<unknown> =>
  fc.tuple(valid(schema), fc.nat(), nasty, fc.boolean()).map(([value, at, bad, beside]) => {
    const copy = structuredClone(value);
    const places = placesIn(copy);
    const place = places[at % Math.max(1, places.length)];
    if (!place) return bad;
    const [holder, key] = place;
    Object.defineProperty(holder, beside ? "extra" : key, {
      value: bad,
      ...{ enumerable: true, configurable: true, writable: true },
    });
    return copy;
  });

/** Every field and item in a value, each as what holds it and its name there. */
const placesIn = (value: unknown): [holder: object, key: string][] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]): [object, string][] => [[value, key], ...placesIn(inner)])
    : [];
