import { type Static, Type } from "typebox";
import { Id } from "./ids.ts";
import { INITIAL_RATING, type RatingsDefinition } from "./queue-definition.ts";

/** What Muster keeps of a player in one queue with ratings. */
export const Rating = Type.Object(
  {
    elo: Type.Number({ description: "What matching goes by." }),
    mu: Type.Optional(Type.Number({ description: "Only openskill: the skill as it is estimated." })),
    sigma: Type.Optional(Type.Number({ description: "Only openskill: the uncertainty of that." })),
    matches: Type.Integer({ minimum: 0, description: "Rated matches so far." }),
  },
  { additionalProperties: false },
);
export type Rating = Static<typeof Rating>;

/** The elo of a player that a queue has no rating of yet. */
export const initialElo = ({ initial = INITIAL_RATING }: RatingsDefinition): number => initial;

export const RatingsAnswer = Type.Object(
  {
    id: Id("The player."),
    ratings: Type.Record(
      Type.String(),
      Type.Object({ elo: Type.Number(), matches: Type.Integer({ description: "Rated matches so far." }) }),
      { description: "By queue; only queues in which a match of the player was rated." },
    ),
  },
  { examples: [{ id: "ann", ratings: { ranked: { elo: 1_216, matches: 1 } } }] },
);
export type RatingsAnswer = Static<typeof RatingsAnswer>;
