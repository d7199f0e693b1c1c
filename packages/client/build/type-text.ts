import type { TSchema } from "typebox";

/** The keywords of JSON schema that decide a type; all others only bound its values. */
interface Schema {
  type?: string;
  description?: string;
  const?: string | number | boolean;
  enum?: readonly string[];
  anyOf?: readonly Schema[];
  items?: Schema;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  patternProperties?: Readonly<Record<string, Schema>>;
}

/**
 * A schema as the TypeScript type of what it accepts, with descriptions as comments: what `Static` of TypeBox says, for
 * who has no TypeBox.
 *
 * @param nameOf the name of a type that stands elsewhere; undefined: it is written out
 * @throws Error for a keyword that it doesn't know
 */
export const typeText = (schema: TSchema, nameOf: (schema: TSchema) => string | undefined): string =>
  textOf(schema, (each) => nameOf(each as TSchema), "");

type NameOf = (schema: Schema) => string | undefined;

const textOf = (schema: Schema, nameOf: NameOf, indent: string): string => {
  const inner = (each: Schema) => nameOf(each) ?? textOf(each, nameOf, indent);
  if (schema.anyOf) return schema.anyOf.map(inner).join(" | ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  switch (schema.type) {
    case "string":
    case "boolean":
    case "null":
      return schema.type;
    case "number":
    case "integer":
      return "number";
    case "array": {
      const item = inner(schema.items ?? {});
      return item.includes(" ") ? `Array<${item}>` : `${item}[]`;
    }
    case "object":
      return objectText(schema, nameOf, indent);
    case undefined:
      return "unknown";
    default:
      throw new Error(`no type is known for ${JSON.stringify(schema)}`);
  }
};

const objectText = (schema: Schema, nameOf: NameOf, indent: string): string => {
  const [values] = Object.values(schema.patternProperties ?? {});
  if (values) return `Record<string, ${nameOf(values) ?? textOf(values, nameOf, indent)}>`;
  const deeper = `${indent}  `;
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const about = field.description === undefined ? "" : `${deeper}/** ${field.description} */\n`;
    const optional = schema.required?.includes(name) ? "" : "?";
    return `${about}${deeper}${name}${optional}: ${nameOf(field) ?? textOf(field, nameOf, deeper)};\n`;
  });
  return fields.length === 0 ? "{}" : `{\n${fields.join("")}${indent}}`;
};
