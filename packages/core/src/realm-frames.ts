import { type Static, Type } from "typebox";
import { Id } from "./ids.ts";
import { PlayerStateName } from "./player-state.ts";

/** Frames of `WS /v1/realm`, where a realm watches many players on one connection. */

/** A version that a client says it was told. */
export const SeenVersion = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** So many ids of full length, with their versions, fit into the 256 KiB that a frame may have. */
const IDS_PER_FRAME = 3_000;
const PlayerIds = Type.Array(Id("A player."), { minItems: 1, maxItems: IDS_PER_FRAME });

export const RealmRequest = Type.Union([
  Type.Object(
    {
      op: Type.Literal("watch"),
      players: PlayerIds,
      versions: Type.Optional(
        Type.Array(SeenVersion, {
          maxItems: IDS_PER_FRAME,
          description:
            "For each of the players the newest version that was told of it, 0 for none, as by who comes back. Where an older one is found, since what was told was lost, the player is given a newer one, and that is told.",
        }),
      ),
    },
    {
      additionalProperties: false,
      examples: [
        { op: "watch", players: ["ann", "bob"] },
        { op: "watch", players: ["ann", "bob"], versions: [1_795_258_128_366, 0] },
      ],
    },
  ),
  Type.Object(
    { op: Type.Literal("unwatch"), players: PlayerIds },
    { additionalProperties: false, examples: [{ op: "unwatch", players: ["bob"] }] },
  ),
  Type.Object(
    { op: Type.Literal("hold"), players: PlayerIds },
    {
      additionalProperties: false,
      description: "This connection stands for these players: when it ends, they are away. A newer one takes over.",
      examples: [{ op: "hold", players: ["ann"] }],
    },
  ),
  Type.Object(
    { op: Type.Literal("release"), players: PlayerIds },
    {
      additionalProperties: false,
      description: "They are away now, unless a newer connection has taken over.",
      examples: [{ op: "release", players: ["ann"] }],
    },
  ),
  Type.Object(
    { op: Type.Literal("ping") },
    {
      additionalProperties: false,
      description:
        "Answered with pong: so a client that sees no ping frames, as in browsers, learns whether anybody is there.",
      examples: [{ op: "ping" }],
    },
  ),
]);
export type RealmRequest = Static<typeof RealmRequest>;

/** A player's state: once right after `watch`, then at every change. Versions of one player only ever rise. */
export const StateFrame = Type.Object(
  {
    op: Type.Literal("state"),
    player: Id("The player."),
    state: PlayerStateName,
    version: Type.Integer({ minimum: 0 }),
    ticket: Type.Optional(Id("The ticket it is in, or was in last.")),
    match: Type.Optional(Id("The match it is in.")),
    at: Type.Integer({ description: "When this state began, ms since the epoch." }),
  },
  {
    additionalProperties: false,
    examples: [
      {
        ...{ op: "state", player: "ann", state: "inqueue", version: 1_795_258_128_366 },
        ...{ ticket: "t_2fa4480b2e9637c6f2fb", at: 1_795_258_128_366 },
      },
    ],
  },
);
export type StateFrame = Static<typeof StateFrame>;

/** The connection stays open after an error; the frame that caused it had no effect. */
export const ErrorFrame = Type.Object(
  { op: Type.Literal("error"), code: Type.String(), message: Type.String() },
  {
    additionalProperties: false,
    examples: [{ op: "error", code: "INVALID", message: 'op must be "watch", "unwatch", "hold" or "release"' }],
  },
);
export type ErrorFrame = Static<typeof ErrorFrame>;

/** The answer to ping. */
export const PongFrame = Type.Object(
  { op: Type.Literal("pong") },
  { additionalProperties: false, examples: [{ op: "pong" }] },
);
export type PongFrame = Static<typeof PongFrame>;

export type RealmReply = StateFrame | ErrorFrame | PongFrame;
