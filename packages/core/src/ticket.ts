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
  { additionalProperties: false },
);
export type NewTicketRequest = Static<typeof NewTicketRequest>;

export const TicketStatus = Type.Union([
  Type.Literal("queued"),
  Type.Literal("matched"),
  Type.Literal("cancelled"),
  Type.Literal("expired"),
]);
export type TicketStatus = Static<typeof TicketStatus>;

export const Ticket = Type.Object(
  {
    id: Id("The ticket's id."),
    queue: Type.String(),
    status: TicketStatus,
    version: Type.Integer({ minimum: 1, description: "Rises with each change of parameters." }),
    tries: Type.Integer({ minimum: 0, description: "Searches without a match: the criteria widen with it." }),
    createdAt: Type.Integer({ description: "When it began to wait, ms since the epoch." }),
    expiresAt: Type.Integer({ description: "When it gives up, ms since the epoch." }),
    endedAt: Type.Optional(Type.Integer({ description: "When it was matched, cancelled or expired." })),
    match: Type.Optional(Id("The match it went into.")),
    players: Type.Array(Player),
    teams,
    attributes: Type.Optional(Attributes),
  },
  { additionalProperties: false },
);
export type Ticket = Static<typeof Ticket>;

/** A ticket's place on the elo axis: the mean of its players' elo. */
export const ticketElo = (players: readonly { elo: number }[]): number =>
  players.reduce((sum, player) => sum + player.elo, 0) / players.length;
