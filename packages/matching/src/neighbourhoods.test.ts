import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { neighbourhoods } from "./neighbourhoods.ts";
import { queueOf } from "./test-support.ts";

const queue = queueOf({
  steps: [
    { fromTry: 0, eloSpread: 50 },
    { fromTry: 5, eloSpread: 200 },
  ],
});
const ticket = (elo: number, tries = 0) => ({ elo, tries });

describe("neighbourhoods", () => {
  it("serve near tickets together and far ones apart", () => {
    const groups = neighbourhoods(queue, [ticket(1_900), ticket(1_000), ticket(1_040)]);
    expect(groups.map(({ serve }) => serve.map(({ elo }) => elo))).toEqual([[1_000, 1_040], [1_900]]);
  });

  it("read as far as any of their tickets accepts at its tries", () => {
    const [group] = neighbourhoods(queue, [ticket(1_000, 5), ticket(1_040)]);
    expect(group?.range).toMatchObject({ low: 800, high: 1_200, centre: 1_020 });
  });

  it("read without limit where the criteria have none", () => {
    const [group] = neighbourhoods(queueOf(), [ticket(1_000)]);
    expect(group?.range).toMatchObject({ low: -Infinity, high: Infinity });
  });

  it("read a match's worth for each of their tickets, but for those who find one another in a crowd", () => {
    const limit = (count: number, of = queue) =>
      neighbourhoods(
        of,
        Array.from({ length: count }, (_, n) => ticket(1_000 + n / 10)),
      )[0]?.range.limit;
    expect([limit(1), limit(99), limit(100), limit(120)]).toEqual([102, 298, 100, 100]);
    const teams = queueOf({ teams: { count: 2, size: 5 } });
    expect([limit(99, teams), limit(100, teams)]).toEqual([1_090, 900]);
  });

  it("serve every ticket once, in groups that a job can carry", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.nat(9))), (drawn) => {
        const tickets = drawn.map(([elo, tries]) => ticket(elo, tries));
        const groups = neighbourhoods(queue, tickets);
        expect(groups.flatMap(({ serve }) => serve).sort((a, b) => a.elo - b.elo)).toHaveLength(tickets.length);
        expect(new Set(groups.flatMap(({ serve }) => serve))).toEqual(new Set(tickets));
        for (const { serve } of groups) expect(serve.length).toBeLessThanOrEqual(100);
      }),
    );
  });
});
