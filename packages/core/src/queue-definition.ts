import { type Static, Type } from "typebox";
import { PARTITION_PATTERN, QUEUE_NAME_PATTERN } from "./ids.ts";
import { InstantDefinition } from "./instant/instant-definition.ts";
import { ELO_MAX, ELO_MIN, Position, REGION_NAME_PATTERN, ROLE_NAME_PATTERN, TEAM_NAME_PATTERN } from "./player.ts";
import { Rule } from "./rules.ts";

/**
 * When a step begins, or a rule ends: by tries or by the time waited. One queue uses the same unit throughout (see
 * `parseQueues`), and `effectiveTries` measures both on one scale.
 */
const begin = {
  fromTry: Type.Optional(
    Type.Integer({ minimum: 0, description: "The step holds from this tryCount on, until the next step." }),
  ),
  afterMs: Type.Optional(
    Type.Integer({ minimum: 0, description: "Instead of fromTry: the step holds when a ticket has waited this long." }),
  ),
};

/**
 * How unlike the parties of the teams of one match may be, from strict to anything.
 *
 * `like`: all teams are made of parties of the same sizes: 3 + 2 against 3 + 2. `near`: with each team's parties in
 * order of size, no two that stand in the same place differ by more than one player: 5 against 4 + 1, 2 + 2 + 1 against
 * five solo players. `mixed`: any parties, except a team of solo players against a team that is one full party. `any`:
 * that too.
 */
export const PREMADE_LEVELS = ["like", "near", "mixed", "any"] as const;
export type PremadeLevel = (typeof PREMADE_LEVELS)[number];

/** Absent from a queue, too, that names the deployment's own. */
export const PartitionName = Type.Optional(
  Type.String({
    pattern: PARTITION_PATTERN,
    description:
      "The partition that the queue belongs to: one mover's work, one slot of a Redis Cluster. A player is in one partition at a time. Absent: the deployment's own, MUSTER_PARTITION.",
  }),
);

/** What a ticket accepts from a step on. An absent limit is no limit. */
export const CriteriaStep = Type.Object(
  {
    ...begin,
    eloSpread: Type.Optional(
      Type.Number({ minimum: 0, description: "Largest accepted difference of elo to any other ticket of the match." }),
    ),
    pingSpreadMs: Type.Optional(
      Type.Number({
        minimum: 0,
        description: "Largest accepted difference in ms between the average pings of players of different tickets.",
      }),
    ),
    latencyLevelSpread: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 4,
        description:
          "Largest accepted difference between the latency levels of players of different tickets. Levels by average ping: 1 up to 100 ms, 2 up to 200, 3 up to 300, 4 up to 400, 5 above.",
      }),
    ),
    maxLatencyMs: Type.Optional(
      Type.Number({ minimum: 0, description: "Largest accepted ping of any player to the region of the match." }),
    ),
    maxDeltaPingMs: Type.Optional(
      Type.Number({
        minimum: 0,
        description:
          "Largest accepted difference of any player's ping to the region of the match and to its own best one.",
      }),
    ),
    teamGap: Type.Optional(
      Type.Number({
        minimum: 0,
        description:
          "Largest accepted difference between two teams' mean elo, with the handicap for a full party against solo players.",
      }),
    ),
    premade: Type.Optional(
      Type.Enum(PREMADE_LEVELS, {
        description:
          "How unlike the parties of the teams may be: like (3 + 2 against 3 + 2), near (5 against 4 + 1), mixed (all but solo players against a full party), any (only in the last step).",
      }),
    ),
    openPlaces: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 99,
        description: "Places that may stay open in each team of a new match, as far as the teams' minSize allows.",
      }),
    ),
    autofill: Type.Optional(
      Type.Boolean({ description: "Whether a player may be given a role that it didn't list. Absent: no." }),
    ),
  },
  { additionalProperties: false },
);
export type CriteriaStep = Static<typeof CriteriaStep>;

/** Places of a team by role: `{ tank: 1, healer: 1, dps: 3 }`. */
export const Roles = Type.Record(
  Type.String({ pattern: ROLE_NAME_PATTERN }),
  Type.Integer({ minimum: 1, maximum: 100 }),
  {
    minProperties: 1,
    maxProperties: 16,
    additionalProperties: false,
    description: "Places of a team by role; together as many as the team has.",
  },
);
export type Roles = Static<typeof Roles>;

const teamPlaces = {
  size: Type.Integer({ minimum: 1, maximum: 100, description: "Players in a full team." }),
  minSize: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, description: "Players with which a team may begin. Absent: its size." }),
  ),
  roles: Type.Optional(Roles),
};

const EqualTeams = Type.Object(
  { count: Type.Integer({ minimum: 1, maximum: 100, description: "Teams in a match; 1: one pool." }), ...teamPlaces },
  { additionalProperties: false, description: "So many teams that are alike, named 1, 2, …" },
);

const NamedTeam = Type.Object(
  { name: Type.String({ pattern: TEAM_NAME_PATTERN }), ...teamPlaces },
  { additionalProperties: false },
);

export const Teams = Type.Union(
  [
    EqualTeams,
    Type.Array(NamedTeam, {
      minItems: 1,
      maxItems: 100,
      description: "Teams by name, which may differ: 1 hunter against 4.",
    }),
  ],
  { description: "Either { count, size } for teams that are alike, or a list of named teams." },
);

/** Whether the players of a new match are asked, before it is one. */
export const ReadyCheck = Type.Object(
  {
    withinMs: Type.Integer({
      minimum: 1_000,
      maximum: 300_000,
      description: "How long the players have to accept. One who declines or is silent dissolves the match.",
    }),
    requeueUndecided: Type.Optional(
      Type.Boolean({
        description:
          "When somebody declines, those who have not answered yet are back at the front too. Absent: they leave the queue.",
      }),
    ),
    coolDown: Type.Optional(
      Type.Object(
        {
          firstMs: Type.Integer({
            minimum: 0,
            maximum: 86_400_000,
            description: "How long a player may not queue after declining once, or being silent.",
          }),
          maxMs: Type.Integer({ minimum: 0, maximum: 86_400_000, description: "It doubles each time, up to this." }),
          forgetAfterMs: Type.Integer({
            minimum: 1_000,
            maximum: 604_800_000,
            description: "So long after a cool-down is over, earlier ones are forgotten.",
          }),
        },
        {
          additionalProperties: false,
          description: "What declining costs. It is the player's: every queue that has cool-downs holds it against it.",
        },
      ),
    ),
  },
  { additionalProperties: false, description: "All players must accept a new match. Absent: they aren't asked." },
);

/** Whether a match waits for its players to join, by `join`, before it begins. */
export const Session = Type.Object(
  {
    joinWithinMs: Type.Integer({
      minimum: 1_000,
      maximum: 3_600_000,
      description:
        "A player who hasn't joined within this time, or when the match begins, has left; its place is filled if the queue backfills.",
    }),
    startAfterMs: Type.Optional(
      Type.Integer({
        minimum: 1_000,
        maximum: 86_400_000,
        description:
          "The match begins this long after it was made, with those who have joined. Absent: when all have, or their time for it is over.",
      }),
    ),
  },
  {
    additionalProperties: false,
    description:
      "A match begins when its players have joined; when too few have for the teams' minSize, it dissolves and those who joined are back at the front of the queue. Absent: it begins at once.",
  },
);

/** How a queue's ratings are computed. See `packages/ratings`. */
export const RATING_SYSTEMS = ["elo", "openskill"] as const;

/** What a new player's rating is unless the queue says otherwise. */
export const INITIAL_RATING = 1_500;
export const DEFAULT_K_FACTOR = 32;

export const RatingsDefinition = Type.Object(
  {
    system: Type.Enum(RATING_SYSTEMS, {
      description: "elo: by expected score, for teams too. openskill: Bayesian (Plackett-Luce), with uncertainty.",
    }),
    initial: Type.Optional(
      Type.Number({ minimum: ELO_MIN, maximum: ELO_MAX, description: "Elo of a new player. Absent: 1500." }),
    ),
    kFactor: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1_000,
        description: "Only elo: the most that one match moves a rating. Absent: 32.",
      }),
    ),
  },
  {
    additionalProperties: false,
    description: "Muster keeps the players' ratings in this queue, and fills them in where a request gives no elo.",
  },
);
export type RatingsDefinition = Static<typeof RatingsDefinition>;

export const QueueDefinition = Type.Object(
  {
    title: Type.Optional(Type.String({ maxLength: 100 })),
    partition: PartitionName,
    teams: Teams,
    maxPartySize: Type.Integer({ minimum: 1, maximum: 100, description: "Players in one ticket." }),
    steps: Type.Array(CriteriaStep, { minItems: 1, maxItems: 64 }),
    rules: Type.Optional(Type.Array(Rule, { maxItems: 32, description: "Rules about attributes; all must hold." })),
    premadeHandicapElo: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1_000,
        description:
          "Elo by which a team that is one full party counts as stronger than its mean against a team of solo players. Absent: 0.",
      }),
    ),
    backfill: Type.Optional(
      Type.Boolean({ description: "A new match with open places takes in waiting tickets until it is full or over." }),
    ),
    readyCheck: Type.Optional(ReadyCheck),
    session: Type.Optional(Session),
    leaveCoolDownMs: Type.Optional(
      Type.Integer({
        minimum: 1_000,
        maximum: 86_400_000,
        description:
          "How long a player may not queue after it left a match that was being played, in any queue that has cool-downs. Absent: not at all.",
      }),
    ),
    ratings: Type.Optional(RatingsDefinition),
    urgentAfterShare: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          "Share of expireAfterMs after which a ticket is served before others, and younger ones may be held for it. Absent: 0.5.",
      }),
    ),
    retryEveryMs: Type.Integer({
      minimum: 100,
      maximum: 60_000,
      description: "A ticket without a match is searched for again after this time, with one try more.",
    }),
    expireAfterMs: Type.Integer({ minimum: 1_000, maximum: 3_600_000, description: "A ticket gives up after this." }),
    changeRestarts: Type.Optional(
      Type.Boolean({
        description:
          "A ticket whose parameters are changed begins to wait anew: its time, its tries and its expiry. Absent: it keeps its place.",
      }),
    ),
    graceMs: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 3_600_000,
        description: "A ticket with a player away keeps its place so long, unseen; then it expires. Absent: 30,000.",
      }),
    ),
    matchLengthMs: Type.Integer({
      minimum: 1_000,
      maximum: 86_400_000,
      description: "A match ends by itself after this, unless the realm ends it sooner.",
    }),
    maxWaiting: Type.Integer({
      minimum: 1,
      maximum: 10_000_000,
      description: "Tickets that may wait at once; beyond that enqueue answers 429 OVERLOADED.",
    }),
  },
  { additionalProperties: false },
);
export type QueueDefinition = Static<typeof QueueDefinition>;

/** How long a ticket waits for a player who is away, where its queue says nothing of it, ms. */
export const DEFAULT_GRACE_MS = 30_000;

/** A team of a queue's matches, however the definition writes it. */
export interface TeamShape {
  readonly name: string;
  /** Players with which a match may begin, and players in a full team. */
  readonly min: number;
  readonly max: number;
  /** Absent: the queue knows no roles. */
  readonly roles?: Roles;
}

/** Where a game region is, by its name. */
export const Regions = Type.Record(Type.String({ pattern: REGION_NAME_PATTERN }), Position, {
  additionalProperties: false,
  maxProperties: 64,
  description: "Game regions and where they are, to estimate the ping of players who sent a position only.",
});
export type Regions = Static<typeof Regions>;

/** A queue with its name, its teams one by one, and the deployment's regions; frozen. See `toQueue`. */
export type Queue = Readonly<
  QueueDefinition & {
    name: string;
    regions: Regions;
    teamShapes: readonly TeamShape[];
    /** Only of the queue of instant matching: nothing is searched in it. */
    instant?: InstantDefinition;
  }
>;
export type Queues = ReadonlyMap<string, Queue>;

export const QueuesFile = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    regions: Type.Optional(Regions),
    instant: Type.Optional(InstantDefinition),
    queues: Type.Record(Type.String({ pattern: QUEUE_NAME_PATTERN }), QueueDefinition, {
      minProperties: 1,
      additionalProperties: false,
    }),
  },
  {
    additionalProperties: false,
    title: "Muster queues",
    description: "The queues (game modes) that this Muster serves.",
  },
);

/** A queue out of its checked definition. */
export const toQueue = (name: string, definition: QueueDefinition, regions: Regions = {}): Queue =>
  Object.freeze({ ...definition, name, regions, teamShapes: teamShapesOf(definition.teams) });

const teamShapesOf = (teams: QueueDefinition["teams"]): TeamShape[] => {
  const named = Array.isArray(teams)
    ? teams
    : Array.from({ length: teams.count }, (_, index) => ({ ...teams, name: String(index + 1) }));
  return named.map(({ name, size, minSize = size, roles }) => ({
    name,
    min: minSize,
    max: size,
    ...(roles && { roles }),
  }));
};

/** Players in one full match of the queue. */
export const matchSize = ({ teams }: Pick<QueueDefinition, "teams">): number =>
  Array.isArray(teams) ? teams.reduce((sum, { size }) => sum + size, 0) : teams.count * teams.size;

/** Whether a queue is 1 against 1 and no more: two teams of one player, who may be put in either. */
export const isDuel = (queue: Queue): boolean =>
  queue.teamShapes.length === 2 &&
  matchSize(queue) === 2 &&
  !Array.isArray(queue.teams) &&
  !usesRoles(queue) &&
  !queue.rules?.some(({ kind }) => kind === "teamSum");

/** Whether a queue looks at pings to regions at all: then every match of it has a region. */
export const usesRegions = (queue: QueueDefinition): boolean =>
  queue.steps.some((step) => step.maxLatencyMs !== undefined || step.maxDeltaPingMs !== undefined);

/** Whether its players are given roles. */
export const usesRoles = ({ teamShapes }: Queue): boolean => teamShapes.some(({ roles }) => roles !== undefined);
