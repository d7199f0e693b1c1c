import { type Static, Type } from "typebox";
import { Id } from "./ids.ts";
import { TEAM_NAME_PATTERN } from "./player.ts";

/** What a realm says of a match that runs with too few players. */
export const BackfillRequest = Type.Object(
  {
    lost: Type.Optional(
      Type.Array(Id("A player who left the match: idle at once, its place is open."), { maxItems: 400 }),
    ),
    places: Type.Optional(
      Type.Record(Type.String({ pattern: TEAM_NAME_PATTERN }), Type.Integer({ minimum: 0, maximum: 100 }), {
        maxProperties: 100,
        additionalProperties: false,
        description: "Places by team that waiting tickets may take, after players were lost; up to the team's size.",
      }),
    ),
  },
  {
    additionalProperties: false,
    minProperties: 1,
    description: "At least one of the two.",
    examples: [{ lost: ["ann"] }, { places: { red: 2 } }],
  },
);
export type BackfillRequest = Static<typeof BackfillRequest>;
