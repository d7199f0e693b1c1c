import type { Queue } from "@muster/core";
import { type Criteria, criteriaFor } from "./criteria.ts";
import { wideningTries } from "./widening-tries.ts";

/** Queues never change, and all their criteria cost more than a small search. */
const known = new WeakMap<Queue, (tries: number) => Criteria>();

/**
 * `criteriaFor` for many tickets of one queue: made once for all whose tries lie between the same two widenings, so that
 * also tries with fractions, where criteria widen by time, share a few.
 */
export const criteriaByTries = (queue: Queue): ((tries: number) => Criteria) => {
  const criteriaOf = known.get(queue) ?? makeCriteriaByTries(queue);
  known.set(queue, criteriaOf);
  return criteriaOf;
};

const makeCriteriaByTries = (queue: Queue): ((tries: number) => Criteria) => {
  const widenings = wideningTries(queue);
  const made: (Criteria | undefined)[] = [];
  let last: { readonly tries: number; readonly criteria: Criteria } | undefined;
  return (tries) => {
    // Tickets that come together have often had as many tries.
    if (last?.tries === tries) return last.criteria;
    let stage = 0;
    while (stage < widenings.length && (widenings[stage] ?? 0) <= tries) stage++;
    const criteria = made[stage] ?? criteriaFor(queue, tries);
    made[stage] = criteria;
    last = { tries, criteria };
    return criteria;
  };
};
