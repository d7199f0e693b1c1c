import { fileURLToPath } from "node:url";
import { seededRandom } from "@muster/cli";
import { readQueues } from "@muster/core/service";
import { expect, it } from "vitest";
import { audit } from "./audit.ts";
import { drawArrivals } from "./draw-arrivals.ts";
import { measure } from "./measure.ts";
import { type Comer, type Match, play } from "./play.ts";
import { policiesFor } from "./policies.ts";

const duel = (await readQueues(fileURLToPath(new URL("../../queues.json", import.meta.url)))).get("duel");
if (!duel) throw new Error("no queue duel");
const { signal } = new AbortController();
const random = seededRandom(1);
/** Denser in the middle, as ladders are. */
const elos = Array.from({ length: 2_000 }, () => Math.round(1_500 + 250 * (random.next() + random.next() - 1)));
const crowd = { elos, ratePerS: 5 };
const arrivals = drawArrivals(crowd, 60_000, random);

it.each(policiesFor(duel, crowd, arrivals, random))(
  "$name pairs nobody twice, and nobody before arrival",
  async ({ policy }) => {
    const { matches, left } = await play(arrivals, policy, signal);
    expect(audit(matches)).toEqual({ pairedTwice: 0, pairedBeforeArrival: 0 });
    expect(2 * matches.length + left).toBe(arrivals.length);
    expect(left).toBeLessThan(arrivals.length / 4);
  },
);

it("draws as many arrivals as the rate says, in order, and the same from the same seed", () => {
  const drawn = drawArrivals(crowd, 1_000_000, seededRandom(2));
  expect(drawn.length).toBeGreaterThan(4_700);
  expect(drawn.length).toBeLessThan(5_300);
  expect(drawn.toSorted((a, b) => a.atMs - b.atMs)).toEqual(drawn);
  expect(drawArrivals(crowd, 1_000_000, seededRandom(2))).toEqual(drawn);
});

it("finds out who is paired twice or before arrival", () => {
  const comer = (atMs: number): Comer => ({ elo: 1_000, atMs });
  const [a, b, c] = [comer(0), comer(1), comer(2)];
  const matches: Match[] = [
    { atMs: 1, pair: [a, b] },
    { atMs: 1, pair: [a, c] },
  ];
  expect(audit(matches)).toEqual({ pairedTwice: 1, pairedBeforeArrival: 1 });
});

it("measures gaps and waits of those who were paired", () => {
  const [a, b] = [
    { elo: 1_000, atMs: 0 },
    { elo: 1_010, atMs: 4_000 },
  ];
  const measured = measure({ matches: [{ atMs: 4_000, pair: [a, b] }], left: 3 });
  expect(measured).toMatchObject({ ...{ ratio: 1, gapMean: 10, waitMeanS: 2, waitP50S: 0, waitLongestS: 4 }, left: 3 });
});
