import { type Static, Type } from "typebox";
import { Id } from "./ids.ts";
import { Attributes, NewPlayer, Player, TEAM_NAME_PATTERN } from "./player.ts";

/** The most players that one ticket may hold, whatever the queue says. */
export const PARTY_MAX = 100;

const teams = Type.Optional(
  Type.Array(Type.String({ pattern: TEAM_NAME_PATTERN }), {
    minItems: 1,
    maxItems: 100,
    uniqueItems: true,
    description: 'Teams by name that the ticket may be put in, as ["hunter"]. Absent: any.',
  }),
);

export const TicketRequest = Type.Object(
  {
    players: Type.Array(Player, {
      minItems: 1,
      maxItems: PARTY_MAX,
      description: "One player, or a party that stays together.",
    }),
    teams,
    attributes: Type.Optional(Attributes),
  },
  { additionalProperties: false },
);
export type TicketRequest = Static<typeof TicketRequest>;

/** A ticket as a realm asks for it; with every player's elo filled in it is a TicketRequest. */
export const NewTicketRequest = Type.Object(
  {
    ...TicketRequest.properties,
    players: Type.Array(NewPlayer, {
      minItems: 1,
      maxItems: PARTY_MAX,
      description: "One player, or a party that stays together.",
    }),
  },
  {
    additionalProperties: false,
    examples: [
      { players: [{ id: "ann", elo: 1_200, avgPingMs: 35 }] },
      {
        players: [
          { id: "ann", elo: 1_200, latencyMs: { "eu-west": 24, "us-east": 95 }, attributes: { languages: ["en"] } },
          { id: "bob", elo: 1_310, latencyMs: { "eu-west": 31, "us-east": 88 } },
        ],
        attributes: { map: "bay" },
      },
    ],
  },
);
export type NewTicketRequest = Static<typeof NewTicketRequest>;

/** Other parameters for a ticket that waits; what is absent stays as it is. */
export const TicketChange = Type.Object(
  {
    version: Type.Integer({ minimum: 1, description: "The version of the ticket that the change was made from." }),
    players: Type.Optional(
      Type.Array(NewPlayer, {
        minItems: 1,
        maxItems: PARTY_MAX,
        description: "The ticket's very players, each with all that is to be known of it from now on.",
      }),
    ),
    teams,
    attributes: Type.Optional(Attributes),
  },
  { additionalProperties: false, examples: [{ version: 1, attributes: { map: "sea" } }] },
);
export type TicketChange = Static<typeof TicketChange>;

/**
 * `queued` until it is in a match; `pending` while that match may still dissolve, in queues with a ready check or a
 * session: then it is `queued` again, with its old place. `matched`, `cancelled` and `expired` are final.
 */
export const TicketStatus = Type.Union([
  Type.Literal("queued"),
  Type.Literal("pending"),
  Type.Literal("matched"),
  Type.Literal("cancelled"),
  Type.Literal("expired"),
]);
export type TicketStatus = Static<typeof TicketStatus>;

/** Which status may follow which, and by what; as PLAYER_TRANSITIONS. */
export const TICKET_TRANSITIONS = {
  queued: {
    queued: "its parameters are changed, or a player of it goes away or is back",
    pending: "it is put into a match that may still dissolve",
    matched: "it is put into a match that begins at once, or runs",
    cancelled: "it is taken back",
    expired: "its deadline is over, or a player of it was away for too long",
  },
  pending: {
    queued: "the match dissolves, and nobody of it is at fault",
    matched: "the match begins",
    cancelled: "the match dissolves, and somebody of it is at fault; or all of it leave before the match begins",
  },
  matched: {},
  cancelled: {},
  expired: {},
} as const satisfies Record<TicketStatus, Partial<Record<TicketStatus, string>>>;

/**
 * Why a ticket ended by something else than its own wish or its deadline. Cancelled: a player of it declined a match,
 * didn't answer, left it, or didn't join it, before it began; or `mended`: what it rested on was lost, as in a fail-over.
 * Expired: a player was away for too long.
 */
export const TicketEndReason = Type.Union([
  Type.Literal("declined"),
  Type.Literal("silent"),
  Type.Literal("left"),
  Type.Literal("noShow"),
  Type.Literal("disconnected"),
  Type.Literal("mended"),
]);
export type TicketEndReason = Static<typeof TicketEndReason>;

export const Ticket = Type.Object(
  {
    id: Id("The ticket's id."),
    queue: Type.String(),
    status: TicketStatus,
    version: Type.Integer({
      minimum: 1,
      description: "Rises with each change of parameters, and when a player goes away or is back.",
    }),
    tries: Type.Integer({ minimum: 0, description: "Searches without a match: the criteria widen with it." }),
    createdAt: Type.Integer({ description: "When it began to wait, ms since the epoch." }),
    expiresAt: Type.Integer({ description: "When it gives up, ms since the epoch." }),
    endedAt: Type.Optional(Type.Integer({ description: "When it was matched, cancelled or expired." })),
    reason: Type.Optional(TicketEndReason),
    match: Type.Optional(Id("The match it is in or went into.")),
    away: Type.Optional(
      Type.Array(Type.String(), { description: "Players who are away. Until all are back, it isn't matched." }),
    ),
    awayUntil: Type.Optional(Type.Integer({ description: "When it expires unless all are back, ms since the epoch." })),
    players: Type.Array(Player),
    teams,
    attributes: Type.Optional(Attributes),
  },
  {
    additionalProperties: false,
    examples: [
      {
        ...{ id: "t_2fa4480b2e9637c6f2fb", queue: "duel", status: "queued", version: 1, tries: 0 },
        ...{ createdAt: 1_795_258_128_366, expiresAt: 1_795_258_248_366 },
        players: [{ id: "ann", elo: 1_200, avgPingMs: 35 }],
      },
    ],
  },
);
export type Ticket = Static<typeof Ticket>;

/** A ticket's place on the elo axis: the mean of its players' elo. */
export const ticketElo = (players: readonly { elo: number }[]): number =>
  players.reduce((sum, player) => sum + player.elo, 0) / players.length;
