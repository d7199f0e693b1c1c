import { type TSchema, Type } from "typebox";
import { Compile } from "typebox/compile";
import { MusterError } from "../errors.ts";
import { fieldFaults } from "../field-faults.ts";
import type { UserProfile } from "./compare.ts";
import type { InstantDefinition, InstantField } from "./instant-definition.ts";

/** Of user_data and user_preferences together, as JSON in UTF-8. */
export const MAX_PROFILE_BYTES = 2_048;

/**
 * Makes a check of profiles against what a deployment declares.
 *
 * @returns the profile as it was sent
 * @throws MusterError INVALID that names the field, and says what it must be
 */
export const createProfileCheck = ({ fields }: InstantDefinition): ((input: unknown) => UserProfile) => {
  const object = (properties: Record<string, TSchema>) => Type.Object(properties, { additionalProperties: false });
  const named = Object.entries(fields);
  const preferences = named.flatMap(([name, field]) => {
    const schema = preferenceSchema(field);
    return schema ? [[name, Type.Optional(schema)]] : [];
  });
  const schema = object({
    user_data: object(Object.fromEntries(named.map(([name, field]) => [name, dataSchema(field)]))),
    user_preferences: object(Object.fromEntries(preferences)),
  });
  const compiled = Compile(schema);
  const encoder = new TextEncoder();

  return (input) => {
    // Before the check, whose faults would each name a part of it.
    const bytes = encoder.encode(JSON.stringify(input)).length;
    if (bytes > MAX_PROFILE_BYTES) {
      throw invalid(
        "user_data",
        `and user_preferences are ${bytes} bytes of JSON; at most ${MAX_PROFILE_BYTES} are taken`,
      );
    }
    // The schema is made of the fields, so its type says nothing of them.
    if (compiled.Check(input)) return input as unknown as UserProfile;
    const [fault] = fieldFaults(compiled.Errors(input), "data");
    throw invalid(fault?.field ?? "data", fault?.message ?? "is not valid");
  };
};

const invalid = (field: string, message: string): MusterError =>
  new MusterError("INVALID", `${field} ${message}`, { faults: [{ field, message }] });

const valuesSchema = (values: readonly string[]): TSchema =>
  Type.Array(Type.Enum([...values]), { maxItems: values.length, uniqueItems: true });

const dataSchema = (field: InstantField): TSchema =>
  field.required ? valueSchema(field) : Type.Optional(valueSchema(field));

const valueSchema = (field: InstantField): TSchema => {
  switch (field.type) {
    case "choice":
      return Type.Enum([...field.values]);
    case "choices":
      return valuesSchema(field.values);
    case "number":
      return Type.Number({ minimum: field.min, maximum: field.max });
    case "boolean":
      return Type.Boolean();
    case "text":
      return Type.String({ maxLength: field.maxLength });
  }
};

/** Undefined for what nobody can prefer. */
const preferenceSchema = (field: InstantField): TSchema | undefined => {
  const options = { additionalProperties: false, minProperties: 1 };
  switch (field.type) {
    case "choice":
      return Type.Object({ oneOf: valuesSchema(field.values) }, options);
    case "choices": {
      const values = Type.Optional(valuesSchema(field.values));
      return Type.Object({ anyOf: values, allOf: values }, options);
    }
    case "number":
      return Type.Object({ min: Type.Optional(Type.Number()), max: Type.Optional(Type.Number()) }, options);
    case "boolean":
      return Type.Object({ is: Type.Boolean() }, options);
    case "text":
      return undefined;
  }
};
