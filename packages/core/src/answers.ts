import { type Static, Type } from "typebox";
import { Problem } from "./errors.ts";
import { Explanation } from "./explanation.ts";
import { Id } from "./ids.ts";
import { InstantDefinition } from "./instant/instant-definition.ts";
import { Match } from "./match.ts";
import { Attributes, Player } from "./player.ts";
import { PlayerStateName } from "./player-state.ts";
import { QueueDefinition } from "./queue-definition.ts";
import { Ticket } from "./ticket.ts";

/** Answers of the HTTP API that are more than a ticket or a match. */

export const BatchResult = Type.Object({
  status: Type.Integer({ description: "The HTTP status that this ticket alone would have had." }),
  ticket: Type.Optional(Ticket),
  error: Type.Optional(Problem),
});
export type BatchResult = Static<typeof BatchResult>;

export const BatchAnswer = Type.Object({ results: Type.Array(BatchResult, { description: "In the order sent." }) });
export type BatchAnswer = Static<typeof BatchAnswer>;

/** A ticket's one true outcome, also when the cancel raced a commit. */
export const CancelAnswer = Type.Union([
  Type.Object({ outcome: Type.Literal("cancelled") }),
  Type.Object({ outcome: Type.Literal("expired") }),
  Type.Object({ outcome: Type.Literal("matched"), match: Match }),
]);
export type CancelAnswer = Static<typeof CancelAnswer>;

export const PlayerAnswer = Type.Object(
  {
    id: Id("The player."),
    state: PlayerStateName,
    version: Type.Integer({ description: "Rises with each change; 0 when the player was never seen." }),
    at: Type.Integer({ description: "When this state began, ms since the epoch." }),
    tries: Type.Integer({ description: "Searches without a match that its next ticket begins with." }),
    queue: Type.Optional(Type.String()),
    ticket: Type.Optional(Id("The ticket it is in, or was in last.")),
    match: Type.Optional(Id("The match it is in.")),
    parameters: Type.Optional(Player),
    attributes: Type.Optional(Attributes),
    teams: Type.Optional(
      Type.Array(Type.String(), {
        description:
          "With parameters and attributes: what it was last queued with, until an hour after that ticket, or its match, ended.",
      }),
    ),
  },
  {
    examples: [
      {
        ...{ id: "ann", state: "inmatch", version: 1_795_258_130_123, at: 1_795_258_130_123, tries: 0, queue: "duel" },
        ...{ ticket: "t_2fa4480b2e9637c6f2fb", match: "m_GytPqe89JEMENCCBaSrz" },
        parameters: { id: "ann", elo: 1_200, avgPingMs: 35 },
      },
    ],
  },
);
export type PlayerAnswer = Static<typeof PlayerAnswer>;

const Percentiles = Type.Object({ p50: Type.Number(), p90: Type.Number(), p99: Type.Number() });

export const QueueAnswer = Type.Object({
  name: Type.String(),
  ...QueueDefinition.properties,
  instant: Type.Optional(InstantDefinition),
  depth: Type.Integer({ description: "Tickets that wait now." }),
  openMatches: Type.Integer({ description: "Matches that look for players now." }),
  waitMs: Type.Union([Percentiles, Type.Null()], {
    description: "How long the last 500 matched tickets waited; null when none was matched in ten minutes.",
  }),
  estimatedWaitMs: Type.Union([Type.Number(), Type.Null()], {
    description: "What a ticket that is enqueued now will wait in the median; null when nothing is known.",
  }),
});
export type QueueAnswer = Static<typeof QueueAnswer>;

export const QueuesAnswer = Type.Object({ queues: Type.Array(QueueAnswer) });
export type QueuesAnswer = Static<typeof QueuesAnswer>;

export const ExplainAnswer = Type.Object({
  ticket: Id("The ticket."),
  queue: Type.String(),
  away: Type.Optional(
    Type.Array(Id("A player."), { description: "Players of it who are away: no search sees it until they are back." }),
  ),
  ...Explanation.properties,
  estimatedWaitMs: Type.Union([Type.Number(), Type.Null()], {
    description:
      "How much longer it will wait in the median, judged by recent waits that were at least as long; null when unknown.",
  }),
});
export type ExplainAnswer = Static<typeof ExplainAnswer>;
