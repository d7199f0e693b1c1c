import fc from "fast-check";
import { expect, it } from "vitest";
import { criteriaFor } from "./criteria.ts";
import { criteriaByTries } from "./criteria-by-tries.ts";
import { anyRuledQueue } from "./rules/test-rules.ts";
import { anySteps, queueOf } from "./test-support.ts";

it("the criteria made for many tickets are those of each one's tries", () => {
  const anyQueue = fc.oneof(
    anyRuledQueue(1),
    anySteps().map((steps) => queueOf({ steps })),
  );
  fc.assert(
    fc.property(anyQueue, fc.array(fc.double({ min: 0, max: 20, noNaN: true })), (queue, list) => {
      const criteriaOf = criteriaByTries(queue);
      for (const tries of list) expect(criteriaOf(tries)).toEqual(criteriaFor(queue, tries));
    }),
  );
});

it("tickets that waited unlike times between two widenings share their criteria", () => {
  const criteriaOf = criteriaByTries(queueOf({ steps: [{ afterMs: 0, eloSpread: 10 }, { afterMs: 5_000 }] }));
  expect(criteriaOf(0.1)).toBe(criteriaOf(4.9));
  expect(criteriaOf(4.9)).not.toBe(criteriaOf(5));
});
