import type { Attributes, Rule, WaitingTicket } from "@muster/core";
import { describe, expect, it } from "vitest";
import { compatible } from "../compatible.ts";
import { queueOf, seekersOf, ticketOf } from "../test-support.ts";

type Side = Attributes | undefined | readonly (Attributes | undefined)[];

/** A ticket whose players have these attributes; its players are called `a-0`, `a-1`, … */
const withAttributes = (id: string, side: Side, tries = 0): WaitingTicket => {
  const list: readonly (Attributes | undefined)[] = isList(side) ? side : [side];
  const ticket = ticketOf(
    id,
    list.map(() => 1000),
    { tries },
  );
  const players = ticket.players.map((player, index) => {
    const attributes = list[index];
    return { ...player, ...(attributes && { attributes }) };
  });
  return { ...ticket, players };
};

const isList = (side: Side): side is readonly (Attributes | undefined)[] => Array.isArray(side);

const agree = (rule: Rule, a: Side, b: Side, tries: readonly [number, number] = [0, 0]): boolean => {
  const tickets = [withAttributes("a", a, tries[0]), withAttributes("b", b, tries[1])];
  const [one, other] = seekersOf(queueOf({ rules: [rule] }), tickets);
  if (!one || !other) throw new Error("two tickets make two seekers");
  expect(compatible(other, one)).toBe(compatible(one, other));
  return compatible(one, other);
};

const kept = { missing: "refuse" } as const;

interface Case {
  name: string;
  rule: Rule;
  /** Each passes or is refused, whichever side comes first. */
  passes: [Side, Side][];
  refuses: [Side, Side][];
}

const cases: Case[] = [
  {
    name: "equal",
    rule: { kind: "equal", attribute: "is", ...kept },
    passes: [
      [{ is: "pc" }, { is: "pc" }],
      [{ is: 4 }, { is: 4 }],
      [{ is: false }, { is: false }],
      [{ is: ["a", "b"] }, { is: ["b", "a", "a"] }],
      [{ is: [] }, { is: [] }],
      [[{ is: 1 }, { is: 1 }], { is: 1 }],
    ],
    refuses: [
      [{ is: "pc" }, { is: "PC" }],
      [{ is: 4 }, { is: 5 }],
      [{ is: 4 }, { is: "4" }],
      [{ is: true }, { is: "true" }],
      [{ is: ["a"] }, { is: ["a", "b"] }],
      [{ is: ["a"] }, { is: "a" }],
      [{ is: ["a"] }, { is: 'l["a"]' }],
      [[{ is: 1 }, { is: 2 }], { is: 1 }],
      [{}, { is: 1 }],
      [undefined, undefined],
    ],
  },
  {
    name: "equal, by a name that every object inherits",
    rule: { kind: "equal", attribute: "constructor", ...kept },
    passes: [[{ constructor: "x" } as unknown as Attributes, { constructor: "x" } as unknown as Attributes]],
    refuses: [[{}, {}]],
  },
  {
    name: "equal, where missing is accepted",
    rule: { kind: "equal", attribute: "is", missing: "accept" },
    passes: [
      [{}, { is: 1 }],
      [undefined, undefined],
      [[{}, { is: 1 }], { is: 1 }],
      [[{ is: 1 }, { is: 2 }], {}],
    ],
    refuses: [
      [{ is: 1 }, { is: 2 }],
      [[{}, { is: 2 }], { is: 1 }],
    ],
  },
  {
    name: "oneOf",
    rule: { kind: "oneOf", attribute: "speaks", accepted: "likes", ...kept },
    passes: [
      [
        { speaks: "en", likes: ["fi", "sv"] },
        { speaks: "fi", likes: ["en"] },
      ],
      [{ speaks: "en", likes: ["fi"] }, { speaks: "fi" }],
      [{ speaks: "en", likes: "fi" }, { speaks: "fi" }],
      [{ speaks: "en" }, { speaks: "fi" }],
      [{}, {}],
      // The one without a text is accepted by the other, who has no list.
      [{ likes: ["fi"] }, { speaks: "fi" }],
      [[{ speaks: "en", likes: ["fi"] }, { speaks: "sv" }], { speaks: "fi" }],
    ],
    refuses: [
      [
        { speaks: "en", likes: ["fi"] },
        { speaks: "fi", likes: ["sv"] },
      ],
      [{ speaks: "en", likes: [] }, { speaks: "fi" }],
      [{ likes: ["fi"] }, { speaks: 3 }],
      [{ likes: ["fi"] }, {}],
      [{ likes: "fi" }, { speaks: "en" }],
      [[{ likes: ["fi", "sv"] }, { likes: ["fi"] }], { speaks: "sv" }],
    ],
  },
  {
    name: "oneOf, where missing is accepted",
    rule: { kind: "oneOf", attribute: "speaks", accepted: "likes", missing: "accept" },
    passes: [
      [{ likes: ["fi"] }, {}],
      [{ likes: ["fi"] }, { speaks: 3 }],
    ],
    refuses: [[{ likes: ["fi"] }, { speaks: "en" }]],
  },
  {
    name: "intersection",
    rule: { kind: "intersection", attribute: "maps", atLeast: 2, ...kept },
    passes: [
      [{ maps: ["a", "b", "c"] }, { maps: ["c", "d", "b"] }],
      [[{ maps: ["a", "b"] }, { maps: ["a", "b", "c"] }], { maps: ["a", "b", "c"] }],
    ],
    refuses: [
      [{ maps: ["a", "b"] }, { maps: ["b", "c"] }],
      [{ maps: ["a", "a"] }, { maps: ["a", "a"] }],
      [{ maps: "a" }, { maps: "a" }],
      [{ maps: [] }, { maps: [] }],
      [[{ maps: ["a", "b"] }, { maps: ["b", "c"] }], { maps: ["a", "b", "c"] }],
      [{ maps: ["a", "b"] }, {}],
      [[{ maps: ["a", "b"] }, {}], { maps: ["a", "b"] }],
      [{ maps: ["a", "b"] }, { maps: 7 }],
    ],
  },
  {
    name: "intersection, where missing is accepted",
    rule: { kind: "intersection", attribute: "maps", atLeast: 2, missing: "accept" },
    passes: [
      [{ maps: ["a"] }, {}],
      [{}, {}],
      [[{ maps: ["a", "b"] }, {}], { maps: ["a", "b"] }],
    ],
    refuses: [
      [{ maps: ["a"] }, { maps: ["a"] }],
      [[{ maps: ["a"] }, {}], { maps: ["a", "b"] }],
    ],
  },
  {
    name: "distance",
    rule: { kind: "distance", attribute: "level", steps: [{ fromTry: 0, max: 3 }], ...kept },
    passes: [
      [{ level: 1 }, { level: 4 }],
      [{ level: -1 }, { level: 1.5 }],
      // Players of one ticket aren't compared.
      [[{ level: 0 }, { level: 5 }], { level: 3 }],
    ],
    refuses: [
      [{ level: 1 }, { level: 4.5 }],
      [[{ level: 0 }, { level: 5 }], { level: 4 }],
      [{ level: 1 }, {}],
      [{ level: 1 }, { level: "1" }],
    ],
  },
  {
    name: "distance, where missing is accepted",
    rule: { kind: "distance", attribute: "level", steps: [{ fromTry: 0, max: 3 }], missing: "accept" },
    passes: [
      [{ level: 1 }, {}],
      [{}, {}],
      [[{ level: 1 }, {}], { level: 2 }],
    ],
    refuses: [[[{ level: 1 }, {}], { level: 9 }]],
  },
  {
    name: "avoid",
    rule: { kind: "avoid", attribute: "blocked" },
    passes: [
      [{}, {}],
      [{ blocked: [] }, { blocked: ["zoe"] }],
      // In one ticket they chose to play together.
      [[{ blocked: ["a-1", "b-1"] }, {}], {}],
    ],
    refuses: [
      // Both ways round: the other ticket's first player is b-0, or a-0 when the sides change.
      [{ blocked: ["a-0", "b-0"] }, {}],
      [{ blocked: ["a-0", "b-0"] }, { blocked: ["a-0", "b-0"] }],
      [[{}, { blocked: ["zoe", "b-0", "a-0"] }], {}],
    ],
  },
];

describe.each(cases)("$name", ({ rule, passes, refuses }) => {
  it.each(passes)("passes %j and %j", (a, b) => {
    expect([agree(rule, a, b), agree(rule, b, a)]).toEqual([true, true]);
  });

  it.each(refuses)("refuses %j and %j", (a, b) => {
    expect([agree(rule, a, b), agree(rule, b, a)]).toEqual([false, false]);
  });

  it.each(refuses)("for %j and %j is dropped only when both have so many tries", (a, b) => {
    const dropped: Rule = { ...rule, untilTry: 3 };
    expect(agree(dropped, a, b, [2, 2])).toBe(false);
    expect(agree(dropped, a, b, [3, 3])).toBe(true);
  });
});

describe("a rule that only one of two has dropped", () => {
  it("still holds when it treats both alike", () => {
    const alike: [Rule, Attributes, Attributes][] = [
      [{ kind: "equal", attribute: "is", untilTry: 3, ...kept }, { is: 1 }, { is: 2 }],
      [{ kind: "intersection", attribute: "is", atLeast: 1, untilTry: 3, ...kept }, { is: ["a"] }, { is: ["b"] }],
      [
        { kind: "distance", attribute: "is", steps: [{ fromTry: 0, max: 0 }], untilTry: 3, ...kept },
        { is: 1 },
        { is: 2 },
      ],
    ];
    for (const [rule, a, b] of alike) {
      expect(agree(rule, a, b, [3, 2])).toBe(false);
      expect(agree(rule, a, b, [2, 3])).toBe(false);
    }
  });

  it("is asked for by the other alone when each has its own list", () => {
    const oneOf: Rule = { kind: "oneOf", attribute: "speaks", accepted: "likes", untilTry: 3, ...kept };
    const choosy = { speaks: "en", likes: ["fi"] };
    expect(agree(oneOf, choosy, { speaks: "sv" }, [3, 0])).toBe(true);
    expect(agree(oneOf, choosy, { speaks: "sv" }, [0, 3])).toBe(false);
    const avoid: Rule = { kind: "avoid", attribute: "blocked", untilTry: 3 };
    expect(agree(avoid, { blocked: ["b-0"] }, {}, [3, 0])).toBe(true);
    expect(agree(avoid, { blocked: ["b-0"] }, {}, [0, 3])).toBe(false);
  });
});

describe("a distance", () => {
  it("widens with the tries, and the narrower of two decides", () => {
    const steps = [
      { fromTry: 0, max: 1 },
      { fromTry: 2, max: 10 },
    ];
    const rule: Rule = { kind: "distance", attribute: "level", steps, ...kept };
    expect(agree(rule, { level: 0 }, { level: 10 }, [2, 1])).toBe(false);
    expect(agree(rule, { level: 0 }, { level: 10 }, [1, 2])).toBe(false);
    expect(agree(rule, { level: 0 }, { level: 10 }, [2, 5])).toBe(true);
  });
});

it("of several rules all must hold", () => {
  const rules: Rule[] = [
    { kind: "equal", attribute: "is", ...kept },
    { kind: "avoid", attribute: "blocked" },
  ];
  const tickets = [{ is: 1 }, { is: 1, blocked: ["t0-0"] }, { is: 2 }, { is: 1 }].map((attributes, index) =>
    withAttributes(`t${index}`, attributes),
  );
  const seekers = seekersOf(queueOf({ rules }), tickets);
  const accepted = seekers.map((one) => seekers.map((other) => (compatible(one, other) ? "x" : ".")).join(""));
  expect(accepted).toEqual(["x..x", ".x.x", "..x.", "xx.x"]);
});
