import type { Queue, Rule } from "@muster/core";
import { describe, expect, it } from "vitest";
import { checkQueue } from "./check-queue.ts";
import { queueOf } from "./test-support.ts";

const regions = { eu: { lat: 50, lon: 8 } };
const missing = "refuse" as const;
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
  ])("%s", (_, given, warnings) => {
    expect(checkQueue(queueOf(given))).toEqual(warnings);
  });
});
