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

export const BatchAnswer = Type.Object(
  { results: Type.Array(BatchResult, { description: "In the order sent." }) },
  {
    examples: [
      {
        results: [
          {
            status: 201,
            ticket: {
              ...{ id: "t_2fa4480b2e9637c6f2fb", queue: "duel", status: "queued", version: 1, tries: 0 },
              ...{ createdAt: 1_795_258_128_366, expiresAt: 1_795_258_248_366 },
              players: [{ id: "ann", elo: 1_200 }],
            },
          },
          {
            status: 400,
            error: {
              ...{ type: "urn:muster:error:INVALID", title: "The request is not valid", status: 400, code: "INVALID" },
              ...{ detail: "players[0].elo must be number.", field: "players[0].elo" },
              errors: [{ field: "players[0].elo", message: "must be number" }],
            },
          },
        ],
      },
    ],
  },
);
export type BatchAnswer = Static<typeof BatchAnswer>;

/** A ticket's one true outcome, also when the cancel raced a commit. */
export const CancelAnswer = Type.Union(
  [
    Type.Object({ outcome: Type.Literal("cancelled") }),
    Type.Object({ outcome: Type.Literal("expired") }),
    Type.Object({ outcome: Type.Literal("matched"), match: Match }),
  ],
  {
    examples: [
      { outcome: "cancelled" },
      {
        outcome: "matched",
        match: {
          ...{ id: "m_GytPqe89JEMENCCBaSrz", queue: "duel", state: "live", version: 1, joined: 0 },
          ...{ createdAt: 1_795_258_130_123, startedAt: 1_795_258_130_123, endsAt: 1_795_261_730_123 },
          ...{ eloGap: 10, quality: 0.98 },
          teams: [
            { name: "1", players: [{ id: "bob", elo: 1_210, ticket: "t_ee25b69f707afed777af" }] },
            { name: "2", players: [{ id: "ann", elo: 1_200, ticket: "t_2fa4480b2e9637c6f2fb" }] },
          ],
        },
      },
    ],
  },
);
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

const DUEL = {
  ...{ name: "duel", teams: { count: 2, size: 1 }, maxPartySize: 1 },
  steps: [
    { fromTry: 0, eloSpread: 100 },
    { fromTry: 5, eloSpread: 400 },
  ],
  ...{ retryEveryMs: 1_000, expireAfterMs: 120_000, matchLengthMs: 3_600_000, maxWaiting: 100_000 },
  ...{ depth: 12, openMatches: 0, waitMs: { p50: 900, p90: 4_100, p99: 11_000 }, estimatedWaitMs: 900 },
};

const Percentiles = Type.Object({ p50: Type.Number(), p90: Type.Number(), p99: Type.Number() });

export const QueueAnswer = Type.Object(
  {
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
  },
  { examples: [DUEL] },
);
export type QueueAnswer = Static<typeof QueueAnswer>;

export const QueuesAnswer = Type.Object({ queues: Type.Array(QueueAnswer) }, { examples: [{ queues: [DUEL] }] });
export type QueuesAnswer = Static<typeof QueuesAnswer>;

export const ExplainAnswer = Type.Object(
  {
    ticket: Id("The ticket."),
    queue: Type.String(),
    away: Type.Optional(
      Type.Array(Id("A player."), {
        description: "Players of it who are away: no search sees it until they are back.",
      }),
    ),
    ...Explanation.properties,
    estimatedWaitMs: Type.Union([Type.Number(), Type.Null()], {
      description:
        "How much longer it will wait in the median, judged by recent waits that were at least as long; null when unknown.",
    }),
  },
  {
    examples: [
      {
        ...{ ticket: "t_2fa4480b2e9637c6f2fb", queue: "duel", tries: 3, waitedMs: 3_120, expiresInMs: 116_880 },
        criteria: { eloSpread: 100, rules: [] },
        ...{ candidates: 1, compatible: 0, players: { own: 1, compatible: 0, needed: 2 } },
        ...{ refusedByOwn: 1, refusedByTheirs: 1 },
        refusals: [
          { rule: "eloSpread", first: 1, all: 1, byOwn: 1, byTheirs: 1, later: [{ atTry: 5, inMs: 2_000, all: 0 }] },
        ],
        nearestMiss: {
          ticket: "t_ee25b69f707afed777af",
          refusals: [{ rule: "eloSpread", own: true, theirs: true, by: 210 }],
          passes: { atTry: 5, inMs: 2_000 },
        },
        nextWidening: { atTry: 5, inMs: 2_000, criteria: { eloSpread: 400, rules: [] }, dropped: [] },
        estimatedWaitMs: 2_300,
      },
    ],
  },
);
export type ExplainAnswer = Static<typeof ExplainAnswer>;
