import { type Static, Type } from "typebox";
import { PARTITION_PATTERN } from "../ids.ts";
import { ATTRIBUTE_NAME_PATTERN } from "../player.ts";

/**
 * What a deployment declares for instant matching: which fields users may tell each other, and how long things last.
 * Nothing else is ever taken from a user, so nothing else can be told to the others.
 */

const Required = Type.Optional(
  Type.Boolean({ description: "A request without it is refused. Absent: it may be missing." }),
);
const Values = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
  minItems: 1,
  maxItems: 256,
  uniqueItems: true,
});

export const InstantField = Type.Union(
  [
    Type.Object(
      { type: Type.Literal("choice"), values: Values, required: Required },
      { additionalProperties: false, description: "One of the values. Preference: { oneOf: […] }." },
    ),
    Type.Object(
      { type: Type.Literal("choices"), values: Values, required: Required },
      {
        additionalProperties: false,
        description: "Some of the values. Preference: { anyOf: […] }, { allOf: […] } or both.",
      },
    ),
    Type.Object(
      { type: Type.Literal("number"), min: Type.Number(), max: Type.Number(), required: Required },
      {
        additionalProperties: false,
        description: "A number within the limits. Preference: { min, max }, either or both.",
      },
    ),
    Type.Object(
      { type: Type.Literal("boolean"), required: Required },
      { additionalProperties: false, description: "Yes or no. Preference: { is: true }." },
    ),
    Type.Object(
      {
        type: Type.Literal("text"),
        maxLength: Type.Integer({ minimum: 1, maximum: 512 }),
        required: Required,
      },
      {
        additionalProperties: false,
        description:
          "Free text that only the app's own comparison understands. No preference. Nothing that identifies anybody!",
      },
    ),
  ],
  { description: "What users may say of themselves in this field, and so what others may prefer." },
);
export type InstantField = Static<typeof InstantField>;

export const InstantDefinition = Type.Object(
  {
    partition: Type.Optional(
      Type.String({
        pattern: PARTITION_PATTERN,
        description: "The partition that it belongs to. Absent: the deployment's own, MUSTER_PARTITION.",
      }),
    ),
    fields: Type.Record(Type.String({ pattern: ATTRIBUTE_NAME_PATTERN }), InstantField, {
      minProperties: 1,
      maxProperties: 32,
      additionalProperties: false,
      description: "The fields of user_data and user_preferences, by name. Anything else is refused.",
    }),
    verify: Type.Optional(
      Type.Boolean({
        description:
          "The server compares too, and refuses a claim against declared preferences. Absent: clients decide alone.",
      }),
    ),
    avoidLast: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 20,
        description: "A rematch is never with the last so many partners. Absent: 1.",
      }),
    ),
    avoidForMs: Type.Optional(
      Type.Integer({
        minimum: 1_000,
        maximum: 86_400_000,
        description: "For how long partners are remembered. Absent: 900,000.",
      }),
    ),
    fanOut: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10_000,
        description:
          "How many waiting users are told of a newcomer at once; the others learn of it bit by bit. Absent: 200.",
      }),
    ),
    sample: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 500,
        description:
          "How many waiting users a newcomer is told of at once, oldest first; the others follow bit by bit. Absent: 50.",
      }),
    ),
    expireAfterMs: Type.Integer({ minimum: 1_000, maximum: 3_600_000, description: "A request gives up after this." }),
    matchLengthMs: Type.Integer({
      minimum: 1_000,
      maximum: 86_400_000,
      description: "A session ends by itself after this.",
    }),
    maxWaiting: Type.Integer({ minimum: 2, maximum: 1_000_000, description: "Users who may wait at once." }),
  },
  {
    additionalProperties: false,
    description: "Instant matching, WS /v1/instant: clients see who waits and decide. Absent: not offered.",
  },
);
export type InstantDefinition = Static<typeof InstantDefinition>;

/** Where a definition is silent. */
export const INSTANT_DEFAULTS = { avoidLast: 1, avoidForMs: 900_000, fanOut: 200, sample: 50 } as const;

/** What a schema can't say of a definition; each fault with its path. */
export const instantFaults = ({ fields }: InstantDefinition): [path: string, reason: string][] =>
  Object.entries(fields).flatMap(([name, field]) =>
    field.type === "number" && field.min > field.max
      ? [[`/fields/${name}/min`, `is ${field.min}, which is above max, ${field.max}`]]
      : [],
  );
