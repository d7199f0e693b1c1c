import { type Static, Type } from "typebox";
import { Id } from "./ids.ts";
import { CriteriaStep } from "./queue-definition.ts";
import { TeamSumRule } from "./rules.ts";

/** Why a ticket waits: what it accepts at its tries, and what the tickets near it say to that. */

const RuleName = Type.String({
  description:
    "eloSpread, pingSpreadMs, latencyLevelSpread, region (maxLatencyMs and maxDeltaPingMs), or a rule: equal(platform).",
});

const { fromTry: _, afterMs: __, ...limits } = CriteriaStep.properties;
const { min, maxGap, order } = TeamSumRule.properties;

const LiveRule = Type.Object(
  {
    rule: RuleName,
    min,
    max: Type.Optional(
      Type.Number({ description: "Of a distance: the largest that is accepted; of a teamSum: the highest sum." }),
    ),
    maxGap,
    order,
  },
  { additionalProperties: false },
);

export const CriteriaNow = Type.Object(
  {
    ...limits,
    teams: Type.Optional(
      Type.Array(Type.String(), { description: "Teams by name that the ticket may be put in. Absent: any." }),
    ),
    roles: Type.Optional(
      Type.Record(Type.String(), Type.Array(Type.String()), {
        description:
          "Roles that its players listed, by player; who isn't in it takes any. With autofill others may be given too.",
      }),
    ),
    rules: Type.Array(LiveRule, {
      description: "The rules about attributes that still hold. A teamSum is asked of whole teams, not of candidates.",
    }),
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
    later: Type.Array(
      Type.Object(
        { atTry: AtTry, inMs: InMs, all: Count("Those of them whom it still refuses then.") },
        { additionalProperties: false },
      ),
      { description: "At each of this ticket's next widenings, while all widen at the same pace: eight at most." },
    ),
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
              description:
                "How far off it is: elo, ms, levels, the attribute's unit, or values too few. Absent: not a number.",
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

const PartySizeCount = Type.Object(
  {
    size: Type.Integer({ minimum: 1, description: "Players of a ticket." }),
    candidates: Count("Candidates of that size."),
    compatible: Count("Of these, how many it accepts and that accept it."),
  },
  { additionalProperties: false },
);

/** What may keep a team match from being made although its tickets accept one another. */
const TEAM_RULES = "premade, partySizes, roles, teamNames, teamGap, or a sum: teamSum(power)";

export const TeamsNow = Type.Object(
  {
    found: Type.Boolean({ description: "Whether a match is found around it as things are: the next search makes it." }),
    players: Count("Players of the largest set around it, its own among them, in which all accept one another."),
    blockedBy: Type.Array(Type.String(), {
      description: `What alone keeps it from a match, for without it one would be found: ${TEAM_RULES}. Empty when one is found, and when it lacks players or more than one thing.`,
    }),
  },
  { additionalProperties: false, description: "Only where a match is more than 1 against 1." },
);
export type TeamsNow = Static<typeof TeamsNow>;

export const OpenMatchesNow = Type.Object(
  {
    seen: Count("Matches that look for players, and were looked at."),
    accepting: Count("Of these, those that it could join."),
    refusals: Type.Array(
      Type.Object(
        { rule: Type.String(), all: Count("Matches that it can't join for this.") },
        { additionalProperties: false },
      ),
      {
        description: `Why it can't join others: a rule as in \`refusals\`, between it and somebody in the match; together: no region, or too few values of a list, that all have in common; places: no team has enough for its party; teamSum; ${TEAM_RULES}.`,
      },
    ),
  },
  { additionalProperties: false, description: "Only where matches of its queue look for players." },
);
export type OpenMatchesNow = Static<typeof OpenMatchesNow>;

export const Explanation = Type.Object(
  {
    tries: Type.Integer(),
    waitedMs: Type.Number(),
    expiresInMs: Type.Number(),
    criteria: CriteriaNow,
    candidates: Count("Other tickets that were looked at."),
    compatible: Count("Candidates that it and that accept each other. A team match needs all its tickets to."),
    players: Type.Object(
      {
        own: Count("Players of this ticket."),
        compatible: Count("Players of the candidates that are compatible."),
        needed: Count("Players with which a new match may begin, its own among them, with its criteria now."),
      },
      { additionalProperties: false },
    ),
    partySizes: Type.Optional(
      Type.Array(PartySizeCount, {
        description:
          "Candidates by party size; only where the queue takes parties. Which sizes are of use depends on `premade`: with like, a party of 5 in a team of 5 waits for another party of 5.",
      }),
    ),
    teams: Type.Optional(TeamsNow),
    openMatches: Type.Optional(OpenMatchesNow),
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
