import { expect, it } from "vitest";
import { queueOf, searchFor, ticketOf } from "../test-support.ts";

/** Of the match of two tickets, the first of them the older. */
const qualityOf = (...pings: readonly (number | undefined)[]): number | undefined => {
  const tickets = pings.map((ping, index) => ticketOf(`t${index}`, 1_000, { pings: [ping], createdAt: index }));
  return searchFor(queueOf(), tickets).proposals[0]?.quality;
};

it("a duel's quality falls with the difference of pings, and not where one is unknown, whichever it is", () => {
  expect(qualityOf(50, 150)).toBe(0.94);
  expect(qualityOf(50, 50)).toBe(1);
  expect(qualityOf(150, undefined)).toBe(1);
  expect(qualityOf(undefined, 150)).toBe(1);
});
