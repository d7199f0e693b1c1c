import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { allErrors } from "./all-errors.ts";
import { ConfigError, ConfigFault } from "./config-error.ts";
import { QUEUE_NAME_PATTERN } from "./ids.ts";
import { Position, REGION_NAME_PATTERN } from "./player.ts";
import { Rule } from "./rules.ts";

/** What a ticket accepts from its `fromTry`-th try on. An absent limit is no limit. */
export const CriteriaStep = Type.Object(
  {
    fromTry: Type.Integer({ minimum: 0, description: "The step holds from this tryCount on, until the next step." }),
    eloSpread: Type.Optional(
      Type.Number({ minimum: 0, description: "Largest accepted difference of elo to any other ticket of the match." }),
    ),
    pingSpreadMs: Type.Optional(
      Type.Number({
        minimum: 0,
        description: "Largest accepted difference in ms between the average pings of players of different tickets.",
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
  },
  { additionalProperties: false },
);
export type CriteriaStep = Static<typeof CriteriaStep>;

export const QueueDefinition = Type.Object(
  {
    title: Type.Optional(Type.String({ maxLength: 100 })),
    teams: Type.Object(
      {
        count: Type.Integer({ minimum: 2, maximum: 100, description: "Teams in a match." }),
        size: Type.Integer({ minimum: 1, maximum: 100, description: "Players in a team." }),
      },
      { additionalProperties: false },
    ),
    maxPartySize: Type.Integer({ minimum: 1, maximum: 100, description: "Players in one ticket." }),
    steps: Type.Array(CriteriaStep, { minItems: 1, maxItems: 64 }),
    rules: Type.Optional(Type.Array(Rule, { maxItems: 32, description: "Rules about attributes; all must hold." })),
    retryEveryMs: Type.Integer({
      minimum: 100,
      maximum: 60_000,
      description: "A ticket without a match is searched for again after this time, with one try more.",
    }),
    expireAfterMs: Type.Integer({ minimum: 1_000, maximum: 3_600_000, description: "A ticket gives up after this." }),
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

/** Where a game region is, by its name. */
export const Regions = Type.Record(Type.String({ pattern: REGION_NAME_PATTERN }), Position, {
  additionalProperties: false,
  maxProperties: 64,
  description: "Game regions and where they are, to estimate the ping of players who sent a position only.",
});
export type Regions = Static<typeof Regions>;

/** A queue with its name and the deployment's regions; frozen. */
export type Queue = Readonly<QueueDefinition & { name: string; regions: Regions }>;
export type Queues = ReadonlyMap<string, Queue>;

export const QueuesFile = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    regions: Type.Optional(Regions),
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

const queuesFile = Compile(QueuesFile);

/** The step that holds for a ticket with so many tries: the last one that begins at or before them. */
export const stepFor = (queue: QueueDefinition, tries: number): CriteriaStep => {
  const step = queue.steps.findLast((candidate) => candidate.fromTry <= tries);
  // parseQueues has seen to it that the first step begins at 0.
  if (!step) throw new Error(`no step for ${tries} tries`);
  return step;
};

/** Players in one match of the queue. */
export const matchSize = (queue: QueueDefinition): number => queue.teams.count * queue.teams.size;

/**
 * Checks a parsed queues file.
 *
 * @param file name to use in faults
 * @throws ConfigError with every fault of the file, each with its path
 */
export const parseQueues = (input: unknown, file: string): Queues => {
  if (!queuesFile.Check(input)) {
    throw new ConfigError(
      allErrors(() => queuesFile.Errors(input)).map(
        (error) => new ConfigFault(file, error.instancePath || "/", error.message),
      ),
    );
  }
  const faults = Object.entries(input.queues).flatMap(([name, queue]) =>
    queueFaults(queue).map(([path, reason]) => new ConfigFault(file, `/queues/${name}${path}`, reason)),
  );
  if (faults.length > 0) throw new ConfigError(faults);
  const regions = input.regions ?? {};
  return new Map(
    Object.entries(input.queues).map(([name, queue]) => [name, Object.freeze({ ...queue, name, regions })]),
  );
};

/** What a schema can't say: steps start at try 0, rise, and never narrow again; a party fits into a team. */
const queueFaults = (queue: QueueDefinition): [path: string, reason: string][] => {
  const faults: [string, string][] = [];
  if (queue.maxPartySize > queue.teams.size) {
    faults.push(["/maxPartySize", `is ${queue.maxPartySize}, but a team holds only ${queue.teams.size}`]);
  }
  queue.steps.forEach((step, index) => {
    const previous = queue.steps[index - 1];
    const path = `/steps/${index}`;
    if (!previous) {
      if (step.fromTry !== 0) faults.push([`${path}/fromTry`, "must be 0 in the first step: a new ticket has 0 tries"]);
      return;
    }
    if (step.fromTry <= previous.fromTry) {
      faults.push([`${path}/fromTry`, `must be more than the ${previous.fromTry} of the step before`]);
    }
    for (const limit of ["eloSpread", "pingSpreadMs", "maxLatencyMs", "maxDeltaPingMs"] as const) {
      if ((step[limit] ?? Infinity) < (previous[limit] ?? Infinity)) {
        faults.push([`${path}/${limit}`, "narrows the step before: criteria may only widen"]);
      }
    }
  });
  queue.rules?.forEach((rule, index) => {
    if (rule.kind === "distance") faults.push(...widenFaults(rule.steps, `/rules/${index}/steps`));
  });
  return faults;
};

const widenFaults = (steps: readonly { fromTry: number; max: number }[], path: string): [string, string][] =>
  steps.flatMap(({ fromTry, max }, index) => {
    const previous = steps[index - 1];
    const faults: [string, string][] = [];
    if (!previous && fromTry !== 0) faults.push([`${path}/0/fromTry`, "must be 0 in the first step"]);
    if (previous && fromTry <= previous.fromTry) faults.push([`${path}/${index}/fromTry`, "must be more than before"]);
    if (previous && max < previous.max)
      faults.push([`${path}/${index}/max`, "narrows the step before: may only widen"]);
    return faults;
  });

/** Whether a queue looks at pings to regions at all: then every match of it has a region. */
export const usesRegions = (queue: QueueDefinition): boolean =>
  queue.steps.some((step) => step.maxLatencyMs !== undefined || step.maxDeltaPingMs !== undefined);
