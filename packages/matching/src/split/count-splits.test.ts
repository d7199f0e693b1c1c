import type { Queue, WaitingTicket } from "@muster/core";
import { describe, expect, it } from "vitest";
import { criteriaFor } from "../criteria.ts";
import { queueOf, ticketOf } from "../test-support.ts";
import { hasMoreSplitsThan, twinsOf } from "./count-splits.ts";
import { splitRules } from "./split-rules.ts";
import { emptySide, toUnit } from "./team-side.ts";

/** Whether there are exactly so many splits to try. */
const hasSplits = (teams: Queue["teams"], tickets: readonly WaitingTicket[], count: number, rules?: Queue["rules"]) => {
  const queue = queueOf({ teams, ...(rules && { rules }) });
  const members = tickets.map((ticket) => ({ ticket, criteria: criteriaFor(queue, 0) }));
  const split = splitRules(queue, members);
  const units = members.map(toUnit);
  const sides = queue.teamShapes.map((shape, index) => emptySide(shape, split.least[index] ?? 0));
  const hasMoreThan = (most: number) => hasMoreSplitsThan(most, sides, units, twinsOf(split, sides, units));
  return hasMoreThan(count - 1) && !hasMoreThan(count);
};
const named = (...sizes: number[]): Queue["teams"] => sizes.map((size, index) => ({ name: `team${index}`, size }));
const solos = (count: number): WaitingTicket[] => Array.from({ length: count }, (_, n) => ticketOf(`t${n}`, 1_000 + n));
const inOrder: Queue["rules"] = [{ kind: "teamSum", attribute: "power", order: "rising", missing: "accept" }];

describe("the splits to try", () => {
  it("are each counted once where teams are alike, by number or by name", () => {
    expect(hasSplits({ count: 5, size: 2 }, solos(10), 945)).toBe(true);
    expect(hasSplits(named(2, 2, 2, 2, 2), solos(10), 945)).toBe(true);
    expect(hasSplits(named(1, 1, 1, 1, 1, 1, 1, 1, 1, 1), solos(10), 1)).toBe(true);
    const roles = () => ({ dps: 1, tank: 1 });
    expect(
      hasSplits(
        ["a", "b", "c"].map((name) => ({ name, size: 2, roles: roles() })),
        solos(6),
        15,
      ),
    ).toBe(true);
  });

  it("are counted for each team by itself where teams differ: in size, in the order of their sums, or to whom names one", () => {
    expect(hasSplits(named(2, 3, 3), solos(8), 280)).toBe(true);
    expect(hasSplits(named(2, 2, 2), solos(6), 90, inOrder)).toBe(true);
    expect(hasSplits(named(2, 2, 2, 2, 2), solos(10), 113_400, inOrder)).toBe(true);
    const [fan, ...others] = solos(6);
    // The fan's place is known; with it goes one of five, and the other two teams are alike.
    expect(hasSplits(named(2, 2, 2), [{ ...(fan ?? ticketOf("fan", 1)), teams: ["team1"] }, ...others], 15)).toBe(true);
  });

  it("keep parties whole, and leave no team short", () => {
    const parties = [ticketOf("trio", [1, 1, 1]), ticketOf("duo", [1, 1]), ...solos(4)];
    // Trio and duo never share a team: of four solo players the trio's team takes none, the duo's one.
    expect(hasSplits({ count: 3, size: 3 }, parties, 4)).toBe(true);
    expect(
      hasSplits(
        [
          { name: "a", size: 3, minSize: 1 },
          { name: "b", size: 4 },
          { name: "c", size: 2 },
        ],
        solos(9),
        1_260,
      ),
    ).toBe(true);
    expect(hasSplits(named(2, 2, 2), solos(5), 0)).toBe(true);
  });
});
