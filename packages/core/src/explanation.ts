import { type Static, Type } from "typebox";
import { Id } from "./ids.ts";
import { CriteriaStep } from "./queue-definition.ts";

/** Why a ticket waits: what it accepts at its tries, and what the tickets near it say to that. */

const RuleName = Type.String({
  description:
    "eloSpread, pingSpreadMs, latencyLevelSpread, region (maxLatencyMs and maxDeltaPingMs), or a rule: equal(platform).",
});

const { fromTry: _, afterMs: __, ...limits } = CriteriaStep.properties;

export const CriteriaNow = Type.Object(
  {
    ...limits,
    rules: Type.Array(
      Type.Object(
        {
          rule: RuleName,
          max: Type.Optional(Type.Number({ description: "Of a distance: the largest that is accepted." })),
        },
        { additionalProperties: false },
      ),
      { description: "The rules about attributes that still hold." },
    ),
  },
  { additionalProperties: false, description: "An absent limit is no limit." },
);
export type CriteriaNow = Static<typeof CriteriaNow>;

const Count = (description: string) => Type.Integer({ minimum: 0, description });
const AtTry = Type.Number({
  description: "Tries of this ticket then; where criteria widen with the time waited, that time by `retryEveryMs`.",
});
const InMs = Type.Number({ minimum: 0, description: "From now, at one try per `retryEveryMs`." });

export const RefusalCount = Type.Object(
  {
    rule: RuleName,
    first: Count("Candidates that it refuses and that pass all rules before it in this list."),
    all: Count("All candidates that it refuses."),
    byOwn: Count("Of these, refused by this ticket at its tries."),
    byTheirs: Count("Of these, refused by the candidate at its own tries. Both may refuse."),
  },
  { additionalProperties: false },
);
export type RefusalCount = Static<typeof RefusalCount>;

export const NearestMiss = Type.Object(
  {
    ticket: Id("The candidate that will be accepted soonest; then the one that fewest rules refuse; then by elo."),
    refusals: Type.Array(
      Type.Object(
        {
          rule: RuleName,
          own: Type.Boolean({ description: "This ticket refuses." }),
          theirs: Type.Boolean({ description: "The candidate refuses." }),
          by: Type.Optional(
            Type.Number({
              description: "How far off it is: elo, ms, the attribute's unit, or values too few. Absent: not a number.",
            }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    passes: Type.Union([Type.Object({ atTry: AtTry, inMs: InMs }, { additionalProperties: false }), Type.Null()], {
      description: "When both have widened enough; null: not before one of them expires.",
    }),
  },
  { additionalProperties: false },
);
export type NearestMiss = Static<typeof NearestMiss>;

export const NextWidening = Type.Object(
  {
    atTry: AtTry,
    inMs: InMs,
    criteria: CriteriaNow,
    dropped: Type.Array(RuleName, { description: "Rules that no longer hold from then on." }),
  },
  { additionalProperties: false },
);
export type NextWidening = Static<typeof NextWidening>;

export const Explanation = Type.Object(
  {
    tries: Type.Integer(),
    waitedMs: Type.Number(),
    expiresInMs: Type.Number(),
    criteria: CriteriaNow,
    candidates: Count("Other tickets that were looked at."),
    compatible: Count("Candidates that it and that accept each other. A team match needs all its tickets to."),
    refusedByOwn: Count("Candidates that this ticket refuses."),
    refusedByTheirs: Count("Candidates that refuse this ticket."),
    refusals: Type.Array(RefusalCount, {
      description: "Those rules that refuse anyone, in the order in which they are asked.",
    }),
    nearestMiss: Type.Union([NearestMiss, Type.Null()], { description: "Null when nobody is refused." }),
    nextWidening: Type.Union([NextWidening, Type.Null()], { description: "Null when it accepts the most already." }),
  },
  { additionalProperties: false },
);
export type Explanation = Static<typeof Explanation>;
