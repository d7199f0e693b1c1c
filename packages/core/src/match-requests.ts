import { type Static, Type } from "typebox";
import { Id } from "./ids.ts";
import { TEAM_NAME_PATTERN } from "./player.ts";

/** Bodies of what players and realms say to a match. */
export const MatchPlayerRequest = Type.Object(
  { player: Id("The player who does it.") },
  { additionalProperties: false, examples: [{ player: "ann" }] },
);
export type MatchPlayerRequest = Static<typeof MatchPlayerRequest>;

export const MatchEndRequest = Type.Object(
  {
    scores: Type.Optional(
      Type.Record(Id("A player of the match, also one who left."), Type.Number(), {
        maxProperties: 400,
        additionalProperties: false,
        description: "Score by player: who has more did better. In queues with ratings they decide the new ones.",
      }),
    ),
    places: Type.Optional(
      Type.Record(Type.String({ pattern: TEAM_NAME_PATTERN }), Type.Integer({ minimum: 1, maximum: 400 }), {
        maxProperties: 100,
        additionalProperties: false,
        description: "Place by team, 1 for the best; equal places are a draw. Instead of scores, or beside them.",
      }),
    ),
  },
  { additionalProperties: false },
);
export type MatchEndRequest = Static<typeof MatchEndRequest>;
