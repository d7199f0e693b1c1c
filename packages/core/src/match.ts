import { type Static, Type } from "typebox";
import { Id } from "./ids.ts";

export const MatchPlayer = Type.Object(
  {
    id: Id("The player."),
    elo: Type.Number(),
    ticket: Id("The ticket it came with."),
    role: Type.Optional(Type.String({ description: "Its role, in queues with roles." })),
  },
  { additionalProperties: false },
);
export type MatchPlayer = Static<typeof MatchPlayer>;

export const MatchTeam = Type.Object(
  {
    name: Type.String(),
    players: Type.Array(MatchPlayer),
    open: Type.Optional(
      Type.Integer({ minimum: 1, description: "Places that waiting tickets may still take. Absent: none." }),
    ),
  },
  { additionalProperties: false },
);
export type MatchTeam = Static<typeof MatchTeam>;

/** A player who was in a match and is no more. */
export const LeftPlayer = Type.Object(
  {
    ...MatchPlayer.properties,
    team: Type.String(),
    at: Type.Integer({ description: "When it left, ms since the epoch." }),
  },
  { additionalProperties: false },
);
export type LeftPlayer = Static<typeof LeftPlayer>;

/**
 * A match's session life: `forming` while a ready check runs, `open` while players may still join, `live` while it is
 * played, `ended` when it is over. A queue without ready check and backfill starts its matches `live`.
 */
export const MatchState = Type.Union([
  Type.Literal("forming"),
  Type.Literal("open"),
  Type.Literal("live"),
  Type.Literal("ended"),
]);
export type MatchState = Static<typeof MatchState>;

export const Match = Type.Object(
  {
    id: Id("The match's id."),
    queue: Type.String(),
    state: MatchState,
    version: Type.Integer({ minimum: 1, description: "Rises with each change of its teams." }),
    createdAt: Type.Integer({ description: "When it was committed, ms since the epoch." }),
    endsAt: Type.Integer({ description: "When it ends by itself unless the realm ends it sooner." }),
    endedAt: Type.Optional(Type.Integer()),
    eloGap: Type.Number({ description: "Largest difference between two teams' mean elo." }),
    quality: Type.Number({ minimum: 0, maximum: 1, description: "How good matching judged it when it was made." }),
    region: Type.Optional(Type.String({ description: "Where it is placed, in queues that look at pings to regions." })),
    teams: Type.Array(MatchTeam),
    left: Type.Optional(Type.Array(LeftPlayer, { description: "Players who left it before its end." })),
  },
  { additionalProperties: false },
);
export type Match = Static<typeof Match>;
