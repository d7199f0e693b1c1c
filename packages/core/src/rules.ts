import { type Static, Type } from "typebox";
import { ATTRIBUTE_NAME_PATTERN } from "./player.ts";

/**
 * Rules that a queue may make about its players' attributes. A rule is asked of every two players of different tickets
 * in a match, for each of the two tickets at its own tries: a match holds when both agree. `teamSum` alone is asked of
 * whole teams, as long as any ticket of the match asks for it.
 */

const AttributeName = (description: string) => Type.String({ pattern: ATTRIBUTE_NAME_PATTERN, description });

const common = {
  untilTry: Type.Optional(
    Type.Integer({ minimum: 1, description: "A ticket with so many tries drops the rule. Absent: it never does." }),
  ),
  untilMs: Type.Optional(
    Type.Integer({ minimum: 1, description: "Instead of untilTry: a ticket that has waited so long drops the rule." }),
  ),
  missing: Type.Union([Type.Literal("accept"), Type.Literal("refuse")], {
    description: "What it means when one of the two players doesn't have the attribute.",
  }),
};

export const EqualRule = Type.Object(
  { kind: Type.Literal("equal"), attribute: AttributeName("Both must have the same value of it."), ...common },
  { additionalProperties: false },
);

export const OneOfRule = Type.Object(
  {
    kind: Type.Literal("oneOf"),
    attribute: AttributeName("The other player's value of this text attribute …"),
    accepted: AttributeName("… must be in one's own list of this name. Without a list of one's own, all is accepted."),
    ...common,
  },
  { additionalProperties: false },
);

export const IntersectionRule = Type.Object(
  {
    kind: Type.Literal("intersection"),
    attribute: AttributeName("A list, as of maps that one would play."),
    atLeast: Type.Integer({
      minimum: 1,
      maximum: 32,
      description: "Values that all players of a match have in common.",
    }),
    ...common,
  },
  { additionalProperties: false },
);

export const DistanceRule = Type.Object(
  {
    kind: Type.Literal("distance"),
    attribute: AttributeName("A number."),
    steps: Type.Array(
      Type.Object(
        {
          fromTry: Type.Optional(Type.Integer({ minimum: 0 })),
          afterMs: Type.Optional(Type.Integer({ minimum: 0 })),
          max: Type.Number({ minimum: 0 }),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 64, description: "Largest accepted difference, widening with the tries." },
    ),
    ...common,
  },
  { additionalProperties: false },
);

export const AvoidRule = Type.Object(
  {
    kind: Type.Literal("avoid"),
    attribute: AttributeName("A list of ids of players whom one won't meet. Who has none avoids nobody."),
    untilTry: common.untilTry,
    untilMs: common.untilMs,
  },
  { additionalProperties: false },
);

export const TeamSumRule = Type.Object(
  {
    kind: Type.Literal("teamSum"),
    attribute: AttributeName("A number; looked at is its sum over each team."),
    min: Type.Optional(Type.Number({ description: "Lowest accepted sum of a team." })),
    max: Type.Optional(Type.Number({ description: "Highest accepted sum of a team." })),
    maxGap: Type.Optional(Type.Number({ minimum: 0, description: "Largest accepted difference between two teams." })),
    order: Type.Optional(
      Type.Enum(["rising", "falling"], {
        description:
          "Whether each team's sum, in the order of the definition, is at least, or at most, the one before.",
      }),
    ),
    untilTry: common.untilTry,
    untilMs: common.untilMs,
    missing: Type.Union([Type.Literal("accept"), Type.Literal("refuse")], {
      description: "Whether a player without the number counts as 0 or may be in no match.",
    }),
  },
  { additionalProperties: false },
);

export type TeamSumRule = Static<typeof TeamSumRule>;

export const Rule = Type.Union([EqualRule, OneOfRule, IntersectionRule, DistanceRule, AvoidRule, TeamSumRule]);
export type Rule = Static<typeof Rule>;
