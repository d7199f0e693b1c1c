import type { Queue, Rule } from "@muster/core";
import { describe, expect, it } from "vitest";
import { checkQueue } from "./check-queue.ts";
import { queueOf } from "./test-support.ts";

const regions = { eu: { lat: 50, lon: 8 } };
const missing = "refuse" as const;
const fives = { count: 2, size: 5 };
const hunt = [
  { name: "hunter", size: 1 },
  { name: "prey", size: 4 },
];
const withRules = (...rules: Rule[]): Partial<Queue> => ({ rules });

describe("a queue that makes sense", () => {
  it.each<[string, Partial<Queue>]>([
    ["with nothing but a step", {}],
    ["that reaches its last step just before a ticket expires", { steps: [{ fromTry: 0 }, { fromTry: 59 }] }],
    ["with regions", { regions, steps: [{ fromTry: 0, maxLatencyMs: 60, maxDeltaPingMs: 20 }, { fromTry: 5 }] }],
    ["with a rule that is never dropped", withRules({ kind: "equal", attribute: "platform", missing })],
    [
      "with a rule that widens as two",
      withRules(
        { kind: "intersection", attribute: "maps", atLeast: 3, untilTry: 5, missing },
        { kind: "intersection", attribute: "maps", atLeast: 1, missing },
      ),
    ],
    [
      "with a distance that begins at 0",
      withRules({
        kind: "distance",
        attribute: "level",
        steps: [
          { fromTry: 0, max: 0 },
          { fromTry: 2, max: 3 },
        ],
        missing,
      }),
    ],
    ["that widens by time until just before a ticket expires", { steps: [{ afterMs: 0 }, { afterMs: 59_999 }] }],
    [
      "with parties, roles and open places",
      {
        teams: { count: 2, size: 3, minSize: 2, roles: { tank: 1, dps: 2 } },
        ...{ maxPartySize: 3, backfill: true, premadeHandicapElo: 50, urgentAfterShare: 0.3 },
        steps: [
          { fromTry: 0, premade: "like", openPlaces: 0, eloSpread: 90, teamGap: 30, latencyLevelSpread: 1 },
          { fromTry: 5, eloSpread: 90, pingSpreadMs: 300, latencyLevelSpread: 2, autofill: true },
        ],
      },
    ],
    [
      "with named teams that can't be compared",
      {
        teams: hunt,
        maxPartySize: 4,
      },
    ],
    [
      "with sums that widen as two",
      withRules(
        { kind: "teamSum", attribute: "level", missing, min: 10, max: 30, maxGap: 5, untilTry: 9 },
        { kind: "teamSum", attribute: "level", missing, max: 50, order: "rising" },
      ),
    ],
  ])("%s has no warnings", (_, given) => {
    expect(checkQueue(queueOf(given))).toEqual([]);
  });
});

describe("a queue is warned of", () => {
  it.each<[string, Partial<Queue>, string[]]>([
    [
      "steps after the last try",
      { steps: [{ fromTry: 0 }, { fromTry: 60 }] },
      ["/steps/1/fromTry: try 60 is never reached, for a new ticket expires after try 59"],
    ],
    [
      "pings that nobody has",
      { regions, steps: [{ fromTry: 0, maxLatencyMs: 4 }] },
      ["/steps/0/maxLatencyMs: hardly any player has a ping of 4 ms or less to any region"],
    ],
    [
      "a delta that never counts",
      { regions, steps: [{ fromTry: 0, maxLatencyMs: 80, maxDeltaPingMs: 80 }] },
      ["/steps/0/maxDeltaPingMs: refuses nobody whom maxLatencyMs doesn't refuse already"],
    ],
    [
      "limits for regions of which none is known",
      { steps: [{ fromTry: 0, maxLatencyMs: 80 }] },
      ["/steps: pings to regions are limited, but without /regions a position gives no ping"],
    ],
    [
      "rules that are dropped too late",
      withRules({ kind: "avoid", attribute: "blocked", untilTry: 90 }),
      ["/rules/0/untilTry: try 90 is never reached, for a new ticket expires after try 59"],
    ],
    [
      "a list that is the text it should hold",
      withRules({ kind: "oneOf", attribute: "language", accepted: "language", missing }),
      ["/rules/0/accepted: is the attribute itself; a player's own text and the list need two names"],
    ],
    [
      "more values than a list holds",
      withRules({ kind: "intersection", attribute: "maps", atLeast: 33, missing }),
      ["/rules/0/atLeast: never passes, for a list holds 32 values at most"],
    ],
    [
      "a distance of nothing",
      withRules({ kind: "distance", attribute: "level", steps: [{ fromTry: 0, max: 0 }], missing }),
      ['/rules/0/steps: accept no difference at any try; a rule of kind "equal" says the same'],
    ],
    [
      "distances that are dropped before they widen, or widen too late",
      withRules(
        {
          kind: "distance",
          attribute: "level",
          steps: [
            { fromTry: 0, max: 1 },
            { fromTry: 5, max: 2 },
          ],
          untilTry: 5,
          missing,
        },
        {
          kind: "distance",
          attribute: "age",
          steps: [
            { fromTry: 0, max: 1 },
            { fromTry: 70, max: 2 },
          ],
          missing,
        },
      ),
      [
        "/rules/0/steps/1/fromTry: is never asked, for the rule is dropped at try 5",
        "/rules/1/steps/1/fromTry: try 70 is never reached, for a new ticket expires after try 59",
      ],
    ],
    [
      "rules that repeat or exclude one another",
      withRules(
        { kind: "avoid", attribute: "blocked" },
        { kind: "avoid", attribute: "blocked" },
        { kind: "intersection", attribute: "maps", atLeast: 1, missing },
        { kind: "distance", attribute: "maps", steps: [{ fromTry: 0, max: 1 }], missing },
      ),
      [
        "/rules/1: is the same as /rules/0",
        "/rules/3: never passes beside /rules/2, for maps can't be a number and a text or a list",
      ],
    ],
    [
      "what comes after the end, in a queue that widens by time",
      {
        steps: [{ afterMs: 0 }, { afterMs: 60_000 }],
        rules: [
          { kind: "avoid", attribute: "foes", untilMs: 70_000 },
          {
            ...{ kind: "distance", attribute: "level", missing, untilMs: 5_000 },
            steps: [
              { afterMs: 0, max: 1 },
              { afterMs: 5_000, max: 2 },
            ],
          },
        ],
      },
      [
        "/steps/1/afterMs: 60000 ms are never reached, for a ticket expires after 60000 ms",
        "/rules/0/untilMs: 70000 ms are never reached, for a ticket expires after 60000 ms",
        "/rules/1/steps/1/afterMs: is never asked, for the rule is dropped after 5000 ms",
      ],
    ],
    [
      "latency levels that pings limit already",
      { steps: [{ fromTry: 0, pingSpreadMs: 200, latencyLevelSpread: 2 }] },
      ["/steps/0/latencyLevelSpread: refuses nobody whom pingSpreadMs doesn't refuse already"],
    ],
    [
      "parties without a say in who meets whom",
      { teams: fives, maxPartySize: 5 },
      ["/steps/0/premade: is absent, so that from the first try solo players may meet a full party"],
    ],
    [
      "a say about parties that nobody brings",
      { teams: fives, steps: [{ fromTry: 0 }, { fromTry: 4, premade: "any" }] },
      ["/steps/1/premade: means nothing, for maxPartySize lets nobody bring a party"],
    ],
    [
      "a say about parties where no teams are alike",
      { teams: hunt, maxPartySize: 4, steps: [{ fromTry: 0, premade: "near" }] },
      ["/steps/0/premade: means nothing, for no two teams have equally many places for parties"],
    ],
    [
      "a handicap for parties that fill no team",
      { teams: fives, maxPartySize: 4, premadeHandicapElo: 30, steps: [{ fromTry: 0, premade: "mixed" }] },
      ["/premadeHandicapElo: never counts, for no party can fill a team that others are compared with"],
    ],
    [
      "a handicap for matches that no step lets be",
      { teams: fives, maxPartySize: 5, premadeHandicapElo: 30, steps: [{ fromTry: 0, premade: "mixed" }] },
      ["/premadeHandicapElo: never counts, for no step lets solo players meet a full party"],
    ],
    [
      "gaps between teams that can't be so large, or between one team",
      { teams: fives, steps: [{ fromTry: 0, eloSpread: 50, teamGap: 50 }] },
      ["/steps/0/teamGap: refuses nobody whom eloSpread doesn't refuse already"],
    ],
    [
      "gaps, sums and open places of one full team",
      {
        teams: { count: 1, size: 4 },
        steps: [{ fromTry: 0, teamGap: 50, openPlaces: 1 }],
        backfill: true,
        rules: [{ kind: "teamSum", attribute: "level", missing, maxGap: 3, order: "rising" }],
      },
      [
        "/steps/0/teamGap: means nothing, for there is one team only",
        "/steps/0/openPlaces: means nothing, for no team has a minSize below its size",
        "/backfill: means nothing, for matches begin with full teams",
        "/rules/0/maxGap: means nothing, for there is one team only",
        "/rules/0/order: means nothing, for there is one team only",
      ],
    ],
    [
      "backfill of places that no ticket lets stay open",
      { teams: { count: 2, size: 5, minSize: 3 }, backfill: true, steps: [{ fromTry: 0, openPlaces: 0 }] },
      ["/backfill: means nothing, for matches begin with full teams"],
    ],
    [
      "urgency that never comes",
      { teams: fives, urgentAfterShare: 1 },
      ["/urgentAfterShare: no ticket is ever urgent, for it expires first"],
    ],
    [
      "urgency between single players",
      { urgentAfterShare: 0.5 },
      ["/urgentAfterShare: means nothing in 1 against 1, where no match has last places to be taken"],
    ],
    [
      "one role for all",
      { teams: { count: 2, size: 2, roles: { any: 2 } } },
      ["/teams/roles: means nothing, for there is one role only"],
    ],
    [
      "autofill into one role",
      { teams: { count: 2, size: 2, roles: { any: 2 } }, steps: [{ fromTry: 0 }, { fromTry: 2, autofill: true }] },
      ["/steps/1/autofill: means nothing, for there is one role only"],
    ],
    [
      "parties that ask for a role more often than a team has it",
      {
        teams: { count: 2, size: 5, roles: { dps: 3, tank: 2 } },
        ...{ maxPartySize: 3, steps: [{ fromTry: 0, premade: "mixed" }] },
      },
      ["/maxPartySize: a party of 3 that lists only tank is refused, for a team has 2 of it and no step has autofill"],
    ],
    [
      "sums that can't be, or ask for nothing",
      withRules(
        { kind: "teamSum", attribute: "a", missing },
        { kind: "teamSum", attribute: "b", missing, min: 2e12 },
        { kind: "teamSum", attribute: "c", missing, max: -2e12 },
        { kind: "teamSum", attribute: "d", missing, min: 5, max: 9, maxGap: 4 },
        { kind: "teamSum", attribute: "e", missing, min: 5 },
        { kind: "teamSum", attribute: "e", missing, max: 4 },
        { kind: "intersection", attribute: "e", atLeast: 1, missing },
      ),
      [
        "/rules/0: asks for nothing; give it min, max, maxGap or order",
        "/rules/1/min: never passes, for a team's sum is 1000000000000 at most",
        "/rules/2/max: never passes, for a team's sum is -1000000000000 at least",
        "/rules/3/maxGap: refuses nobody whom min and max don't refuse already",
        "/rules/5: never passes beside /rules/4, for e can't be 5 or more and 4 or less in sum",
        "/rules/6: never passes beside /rules/4, for e can't be a text or a list and a number",
        "/rules/6: never passes beside /rules/5, for e can't be a text or a list and a number",
      ],
    ],
  ])("%s", (_, given, warnings) => {
    expect(checkQueue(queueOf(given))).toEqual(warnings);
  });
});
