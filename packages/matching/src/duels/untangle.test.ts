import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { parseQueues, type Queue, type WaitingTicket } from "@muster/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accept, anyTickets, matched, queueOf, searchFor, ticketOf } from "../test-support.ts";

/** The smallest sum of gaps with which these tickets can all be paired, by trying all pairings. */
const smallestSum = (queue: Queue, [first, ...others]: readonly WaitingTicket[]): number => {
  if (!first) return 0;
  let smallest = Infinity;
  others.forEach((other, index) => {
    if (!accept(queue, first, other)) return;
    const rest = smallestSum(queue, others.toSpliced(index, 1));
    smallest = Math.min(smallest, Math.abs(first.elo - other.elo) + rest);
  });
  return smallest;
};

/** The sum of gaps found, and the smallest for those who were matched. */
const sums = (queue: Queue, tickets: readonly WaitingTicket[]): { found: number; smallest: number } => {
  const { proposals } = searchFor(queue, tickets);
  const taken = new Set(matched(proposals).flat());
  return {
    found: proposals.reduce((sum, { eloGap }) => sum + eloGap, 0),
    smallest: smallestSum(
      queue,
      tickets.filter(({ id }) => taken.has(id)),
    ),
  };
};

describe("the gaps of all matches together", () => {
  it("are the smallest there are when all accept each other", () => {
    const queue = queueOf();
    fc.assert(
      fc.property(anyTickets({ maxLength: 8 }), (tickets) => {
        const { found, smallest } = sums(queue, tickets);
        expect(found).toBeCloseTo(smallest, 9);
      }),
    );
  });

  it("are within a twentieth of the smallest when half of all refuse each other", () => {
    const queue = queueOf({ steps: [{ fromTry: 0, eloSpread: 60, pingSpreadMs: 30 }] });
    let [found, smallest] = [0, 0];
    for (let round = 0; round < 200; round++) {
      const tickets = Array.from({ length: 10 }, (_, index) => {
        const chance = (salt: number) => ((round * 7919 + index * 104_729 + salt) * 2_654_435_761) % 1_009;
        return ticketOf(`t${index}`, 1_000 + (chance(1) % 120), { pings: [chance(2) % 100] });
      });
      const each = sums(queue, tickets);
      expect(each.found).toBeGreaterThanOrEqual(each.smallest);
      found += each.found;
      smallest += each.smallest;
    }
    expect(found / smallest).toBeLessThan(1.05);
  });

  it("are below two points in the mean when a thousand real players wait for a duel", () => {
    const shipped = (file: string) => readFileSync(new URL(`../../../../${file}`, import.meta.url));
    const duel = parseQueues(JSON.parse(shipped("queues.json").toString()), "queues.json").get("duel");
    const [, ...rows] = gunzipSync(shipped("data/population.csv.gz")).toString().trim().split("\n");
    const people = rows.map((row) => {
      const [, elo, , , , , avgPingMs] = row.split(",");
      return { elo: Number(elo), avgPingMs: Number(avgPingMs) };
    });
    let [sum, matches] = [0, 0];
    // Every so-manieth of the population, from other starts: the same draws each time.
    for (let draw = 0; draw < 20; draw++) {
      const tickets = Array.from({ length: 1_000 }, (_, index) => {
        const { elo = 0, avgPingMs = 0 } = people[(draw * 997 + index * 7_919) % people.length] ?? {};
        return ticketOf(`t${index}`, elo, { pings: [avgPingMs], createdAt: index });
      });
      const { proposals } = searchFor(duel ?? queueOf(), tickets);
      sum += proposals.reduce((gaps, { eloGap }) => gaps + eloGap, 0);
      matches += proposals.length;
    }
    expect(matches).toBeGreaterThan(20 * 450);
    expect(sum / matches).toBeLessThan(2);
  });
});
