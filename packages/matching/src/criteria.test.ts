import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { criteriaFor } from "./criteria.ts";
import { anySteps, queueOf } from "./test-support.ts";

describe("the criteria of a ticket", () => {
  const queue = queueOf({
    steps: [
      { fromTry: 0, eloSpread: 50, pingSpreadMs: 40 },
      { fromTry: 2, eloSpread: 100, pingSpreadMs: 80 },
      { fromTry: 5, eloSpread: 200 },
      { fromTry: 9 },
    ],
  });

  it.each([
    [0, 50, 40],
    [1, 50, 40],
    [2, 100, 80],
    [4, 100, 80],
    [5, 200, Infinity],
    [9, Infinity, Infinity],
    [1_000_000, Infinity, Infinity],
  ])("after %i tries are an elo spread of %d and a ping spread of %d ms", (tries, eloSpread, pingSpreadMs) => {
    expect(criteriaFor(queue, tries)).toMatchObject({ eloSpread, pingSpreadMs });
  });

  it("never narrow with more tries", () => {
    fc.assert(
      fc.property(anySteps(), fc.nat(20), fc.nat(20), (steps, tries, more) => {
        const before = criteriaFor(queueOf({ steps }), tries);
        const after = criteriaFor(queueOf({ steps }), tries + more);
        expect(after.eloSpread).toBeGreaterThanOrEqual(before.eloSpread);
        expect(after.pingSpreadMs).toBeGreaterThanOrEqual(before.pingSpreadMs);
      }),
    );
  });
});
