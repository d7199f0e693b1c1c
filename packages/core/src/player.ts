import { type Static, Type } from "typebox";
import { Id } from "./ids.ts";

/** Ratings on any Elo-like scale fit: the ladder that ships with Muster runs from 0 to 2,217. */
export const ELO_MIN = -10_000;
export const ELO_MAX = 10_000;
export const PING_MAX_MS = 10_000;

export const ATTRIBUTE_NAME_PATTERN = "^[A-Za-z][A-Za-z0-9_.-]{0,31}$";
export const REGION_NAME_PATTERN = "^[a-z][a-z0-9-]{0,31}$";
export const ROLE_NAME_PATTERN = "^[A-Za-z][A-Za-z0-9_-]{0,31}$";
export const TEAM_NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$";

const AttributeText = Type.String({ maxLength: 128 });

/** Free data that attribute rules may look at: `{ platform: "pc", maps: ["arena", "bay"], ranked: true }`. */
export const Attributes = Type.Record(
  Type.String({ pattern: ATTRIBUTE_NAME_PATTERN }),
  Type.Union([
    AttributeText,
    Type.Number({ minimum: -1e12, maximum: 1e12 }),
    Type.Boolean(),
    Type.Array(AttributeText, { maxItems: 32 }),
  ]),
  {
    maxProperties: 32,
    additionalProperties: false,
    description: "Data that the queue's rules may look at: text, number, boolean or a list of texts.",
  },
);
export type Attributes = Static<typeof Attributes>;

export const Position = Type.Object(
  {
    lat: Type.Number({ minimum: -90, maximum: 90, description: "Degrees north." }),
    lon: Type.Number({ minimum: -180, maximum: 180, description: "Degrees east." }),
  },
  { additionalProperties: false },
);
export type Position = Static<typeof Position>;

/** A player as a realm hands it in: who it is and what matching may know of it. */
export const Player = Type.Object(
  {
    id: Id("The realm's own id of the player."),
    elo: Type.Number({ minimum: ELO_MIN, maximum: ELO_MAX, description: "Skill rating." }),
    avgPingMs: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: PING_MAX_MS,
        description: "Average ping in ms. Absent: unknown, and the ping criteria let the player pass.",
      }),
    ),
    position: Type.Optional(Position),
    latencyMs: Type.Optional(
      Type.Record(Type.String({ pattern: REGION_NAME_PATTERN }), Type.Number({ minimum: 0, maximum: PING_MAX_MS }), {
        maxProperties: 64,
        additionalProperties: false,
        description: "Ping in ms to each game region by its name.",
      }),
    ),
    roles: Type.Optional(
      Type.Array(Type.String({ pattern: ROLE_NAME_PATTERN }), {
        minItems: 1,
        maxItems: 16,
        uniqueItems: true,
        description: "Roles that the player accepts, the dearest first. Absent: all alike. Only in queues with roles.",
      }),
    ),
    attributes: Type.Optional(Attributes),
  },
  { additionalProperties: false },
);
export type Player = Static<typeof Player>;

/** A player in a request to enqueue: in a queue with ratings, Muster knows the elo of those who come without one. */
export const NewPlayer = Type.Object(
  {
    ...Player.properties,
    elo: Type.Optional(
      Type.Number({
        minimum: ELO_MIN,
        maximum: ELO_MAX,
        description:
          "Skill rating. May be left out only in a queue with ratings: then it is the one that Muster keeps.",
      }),
    ),
  },
  { additionalProperties: false },
);
export type NewPlayer = Static<typeof NewPlayer>;
