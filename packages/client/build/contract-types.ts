import * as core from "@muster/core";
import type { TSchema } from "typebox";
import { typeText } from "./type-text.ts";

/** Types that have no schema, and where in core's declarations they stand. */
const WITHOUT_SCHEMA: Readonly<Record<string, string>> = {
  Random: "./core/ports.js",
  UserData: "./core/instant/compare.js",
  UserPreferences: "./core/instant/compare.js",
  FieldPreference: "./core/instant/compare.js",
  UserProfile: "./core/instant/compare.js",
  InstantSession: "./core/instant/instant-status.js",
  InstantStatus: "./core/instant/instant-status.js",
  WaitlistEntry: "./core/instant/instant-status.js",
};

/** The declarations of core that these need, as TypeScript emits them: none of them names TypeBox. */
export const CORE_DECLARATIONS = ["ports", "instant/compare", "instant/instant-status"];

/**
 * Declarations of core's types without TypeBox: written out from their schemas, with all that they mention.
 *
 * @param wanted names as core exports them
 * @throws Error for a name that is neither a schema nor listed above
 */
export const contractTypes = (wanted: readonly string[]): string => {
  const schemas = new Map(
    Object.entries(core).flatMap(([name, value]) => (isSchema(value) ? [[name, value] as const] : [])),
  );
  // An optional field holds a copy of its schema, so they are told by what they say.
  const names = new Map([...schemas].map(([name, schema]) => [identity(schema), name]));
  const written = new Map<string, string>();
  const write = (name: string): void => {
    if (written.has(name)) return;
    const schema = schemas.get(name);
    if (!schema)
      throw new Error(`@muster/core's ${name} is no schema: contract-types.ts must say where it is declared`);
    written.set(name, "");
    const type = typeText(schema, (each) => {
      const known = names.get(identity(each));
      if (known !== undefined) write(known);
      return known;
    });
    written.set(name, type);
  };
  const pure = wanted.filter((name) => name in WITHOUT_SCHEMA);
  const listed = wanted.filter((name) => name !== "ErrorCode" && !pure.includes(name));
  for (const name of listed) write(name);
  const codes = wanted.includes("ErrorCode")
    ? [`/** Stable: see the table of errors. */\nexport type ErrorCode = Problem["code"];`]
    : [];
  return [
    ...pure.map((name) => `export type { ${name} } from "${WITHOUT_SCHEMA[name]}";`),
    ...codes,
    ...[...written].map(([name, type]) => declaration(name, type)),
    "",
  ].join("\n");
};

/** Objects as interfaces: editors then show their names. */
const declaration = (name: string, type: string): string =>
  type.startsWith("{") && type.indexOf("\n}") === type.length - 2
    ? `export interface ${name} ${type}`
    : `export type ${name} = ${type};`;

const isSchema = (value: unknown): value is TSchema =>
  typeof value === "object" && value !== null && ("anyOf" in value || "type" in value) && !(value instanceof Map);

const identity = (schema: TSchema): string => {
  const { description: _, examples: __, title: ___, ...rest } = schema as TSchema & Record<string, unknown>;
  return JSON.stringify(rest);
};
