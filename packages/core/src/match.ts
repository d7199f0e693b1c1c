import { type Static, Type } from "typebox";
import { Id } from "./ids.ts";

export const MatchPlayer = Type.Object(
  {
    id: Id("The player."),
    elo: Type.Number(),
    ticket: Id("The ticket it came with."),
    role: Type.Optional(Type.String({ description: "Its role, in queues with roles." })),
    accepted: Type.Optional(Type.Literal(true, { description: "It accepted the match in its ready check." })),
    declined: Type.Optional(Type.Literal(true, { description: "It declined the match in its ready check." })),
    away: Type.Optional(Type.Literal(true, { description: "Its connection is gone, and it is not back yet." })),
    joinBy: Type.Optional(
      Type.Integer({ description: "When it is called a no-show unless it has joined, ms since the epoch." }),
    ),
    presence: Type.Optional(
      Type.Union([Type.Literal("ATTENDED"), Type.Literal("PLAYED")], {
        description: "ATTENDED: it has joined the session. PLAYED: it was there to the end. Absent: it has not joined.",
      }),
    ),
    score: Type.Optional(Type.Number({ description: "What its realm gave it at the end." })),
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

/** `left`: it said so. `lost`: its realm said so. `noShow`: it didn't join in time. */
export const LeaveReason = Type.Union([Type.Literal("left"), Type.Literal("lost"), Type.Literal("noShow")]);
export type LeaveReason = Static<typeof LeaveReason>;

/** A player who was in a match and is no more. */
export const LeftPlayer = Type.Object(
  {
    ...MatchPlayer.properties,
    presence: Type.Literal("LEFT"),
    team: Type.String(),
    at: Type.Integer({ description: "When it left, ms since the epoch." }),
    reason: LeaveReason,
  },
  { additionalProperties: false },
);
export type LeftPlayer = Static<typeof LeftPlayer>;

/**
 * A match's session life: `forming` while a ready check runs; `open` while it waits for its players to join, or looks
 * for more players; `live` while it is played with all its places taken; `ended` when it is over. A queue without ready
 * check, session and backfill starts its matches `live`. From `forming` and from `open`, before it has begun, a match
 * may also dissolve: then it has ended without having been played. match-life/ has all that can happen to it.
 */
export const MatchState = Type.Union([
  Type.Literal("forming"),
  Type.Literal("open"),
  Type.Literal("live"),
  Type.Literal("ended"),
]);
export type MatchState = Static<typeof MatchState>;

/** Why a match was over before it began: somebody declined, didn't answer, accepted but was gone, or too few joined. */
export const DissolveReason = Type.Union([
  Type.Literal("declined"),
  Type.Literal("silent"),
  Type.Literal("disconnected"),
  Type.Literal("tooFew"),
]);
export type DissolveReason = Static<typeof DissolveReason>;

export const Match = Type.Object(
  {
    id: Id("The match's id."),
    queue: Type.String(),
    state: MatchState,
    version: Type.Integer({ minimum: 1, description: "Rises with each change of its teams." }),
    createdAt: Type.Integer({ description: "When it was committed, ms since the epoch." }),
    readyBy: Type.Optional(Type.Integer({ description: "While forming: until when its players may accept." })),
    startsAt: Type.Optional(
      Type.Integer({ description: "In queues with sessions: when it begins, or dissolves if too few have joined." }),
    ),
    startedAt: Type.Optional(Type.Integer({ description: "When it began. Absent: it has not." })),
    endsAt: Type.Integer({ description: "When it ends by itself unless the realm ends it sooner." }),
    endedAt: Type.Optional(Type.Integer()),
    dissolved: Type.Optional(DissolveReason),
    reported: Type.Optional(
      Type.Literal(true, { description: "Its realm has told how it went, by scores or places: that counts once." }),
    ),
    joined: Type.Integer({ minimum: 0, description: "How many of its players have joined the session." }),
    eloGap: Type.Number({ description: "Largest difference between two teams' mean elo." }),
    quality: Type.Number({ minimum: 0, maximum: 1, description: "How good matching judged it when it was made." }),
    region: Type.Optional(Type.String({ description: "Where it is placed, in queues that look at pings to regions." })),
    teams: Type.Array(MatchTeam),
    instant: Type.Optional(
      Type.Object(
        {
          room: Type.String({ description: "The random room string of the user who was claimed." }),
          secret: Type.String({ description: "Told to its two users only." }),
        },
        { additionalProperties: false, description: "Of a session made by instant matching." },
      ),
    ),
    left: Type.Optional(Type.Array(LeftPlayer, { description: "Players who left it before its end." })),
    spectators: Type.Optional(Type.Array(Id("A player who watches it, in state inspector."))),
  },
  {
    additionalProperties: false,
    examples: [
      {
        ...{ id: "m_GytPqe89JEMENCCBaSrz", queue: "duel", state: "live", version: 1, joined: 0 },
        ...{ createdAt: 1_795_258_130_123, startedAt: 1_795_258_130_123, endsAt: 1_795_261_730_123 },
        ...{ eloGap: 10, quality: 0.98 },
        teams: [
          { name: "1", players: [{ id: "bob", elo: 1_210, ticket: "t_ee25b69f707afed777af" }] },
          { name: "2", players: [{ id: "ann", elo: 1_200, ticket: "t_2fa4480b2e9637c6f2fb" }] },
        ],
      },
    ],
  },
);
export type Match = Static<typeof Match>;
