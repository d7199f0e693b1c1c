import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { duelQuality, type MatchFacts, matchQuality, winProbability } from "./quality.ts";

const best: MatchFacts = { strengthGap: 0, eloSpread: 0, pingSpreadMs: 0, premade: 0, roleFault: 0, waitedShare: 0 };
const anyFacts: fc.Arbitrary<MatchFacts> = fc.record({
  strengthGap: fc.double({ min: 0, max: 2_000, noNaN: true }),
  eloSpread: fc.double({ min: 0, max: 2_000, noNaN: true }),
  pingSpreadMs: fc.double({ min: 0, max: 1_000, noNaN: true }),
  premade: fc.nat(3),
  roleFault: fc.double({ min: 0, max: 1, noNaN: true }),
  waitedShare: fc.double({ min: 0, max: 2, noNaN: true }),
});

it("elo gives 10 to 1 at 400 points, and even chances at none", () => {
  expect(winProbability(400)).toBeCloseTo(10 / 11, 12);
  expect(winProbability(0)).toBe(0.5);
});

describe("quality", () => {
  it("is 1 without any fault, and 0.86 for a match of 100 points", () => {
    expect(matchQuality(best)).toBe(1);
    // 2p − 1 is 0.280; it counts 0.4 for balance and 0.1 of half the spread's 0.2.
    expect(matchQuality({ ...best, strengthGap: 100, eloSpread: 50 })).toBeCloseTo(1 - 0.4 * 0.2801 - 0.2 * 0.143, 3);
  });

  it("lies between 0 and 1, and falls with each fault", () => {
    fc.assert(
      fc.property(
        anyFacts,
        fc.constantFrom("strengthGap", "eloSpread", "pingSpreadMs", "roleFault"),
        (facts, fault) => {
          const quality = matchQuality(facts);
          expect(quality).toBeGreaterThanOrEqual(0);
          expect(quality).toBeLessThanOrEqual(1);
          expect(matchQuality({ ...facts, [fault]: facts[fault] / 2 })).toBeGreaterThanOrEqual(quality);
          expect(matchQuality({ ...facts, premade: 0 })).toBeGreaterThanOrEqual(quality);
        },
      ),
    );
  });

  it("rises with the wait: at the deadline faults don't count", () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        expect(matchQuality({ ...facts, waitedShare: 1 })).toBe(1);
        expect(matchQuality({ ...facts, waitedShare: facts.waitedShare + 0.1 })).toBeGreaterThanOrEqual(
          matchQuality(facts),
        );
      }),
    );
  });

  it("of a duel is the same formula", () => {
    fc.assert(
      fc.property(anyFacts, ({ strengthGap, pingSpreadMs, waitedShare }) => {
        const facts = { ...best, strengthGap, eloSpread: strengthGap, pingSpreadMs, waitedShare };
        expect(duelQuality(strengthGap, pingSpreadMs, waitedShare)).toBeCloseTo(matchQuality(facts), 12);
      }),
    );
  });
});
