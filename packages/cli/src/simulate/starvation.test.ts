import type { Queue, WaitingTicket } from "@muster/core";
import { findMatches } from "@muster/matching";
import { expect, it } from "vitest";
import { seededRandom } from "../load/seeded-random.ts";
import { overtakes } from "./overtakes.ts";
import { sampleQueue } from "./testing/sample.ts";

const ROUNDS = 80;
const ARRIVALS = 5;
const SHARE = 0.4;
/** A ticket that isn't new is served every so many rounds; in between it may only be taken in. */
const TURNS = 4;

/**
 * Lets tickets of one to three players come for some rounds, a second apart, with elos thin at both ends, and searches
 * for all that wait in each.
 *
 * @returns for each ticket that was urgent without a match, how many matches overtook it from then on
 */
const overtakenWhileUrgent = (queue: Queue, seed: number): number[] => {
  const random = seededRandom(seed);
  const counts = new Map<string, number>();
  let waiting: WaitingTicket[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const now = 1_000 * round;
    for (let index = 0; index < ARRIVALS; index++) {
      const elo = Math.round(1_000 + 500 * (random.next() + random.next() + random.next() - 1.5));
      const size = [1, 1, 1, 2, 3][Math.floor(random.next() * 5)] ?? 1;
      const players = Array.from({ length: size }, (_, place) => ({ id: `p${round}-${index}-${place}`, elo }));
      waiting.push({ ...{ id: `t${round}-${index}`, version: 1, tries: 0, createdAt: now + index, elo }, players });
    }
    const at = now + ARRIVALS;
    let ids = 0;
    const isServed = ({ createdAt }: WaitingTicket) => createdAt >= now || (createdAt + round) % TURNS === 0;
    const { proposals } = findMatches({
      ...{ queue, serve: waiting.filter(isServed), candidates: waiting, now: at },
      ids: { match: () => `m${round}-${ids++}` },
    });
    const taken = new Set(proposals.flatMap(({ tickets }) => tickets.map(({ id }) => id)));
    const left = waiting.filter(({ id }) => !taken.has(id));
    for (const ticket of left) {
      if (at - ticket.createdAt < SHARE * queue.expireAfterMs) continue;
      const overtaking = proposals.filter(({ tickets }) => {
        const members = waiting.filter(({ id }) => tickets.some((each) => each.id === id));
        return overtakes(queue, members, [ticket], at);
      });
      counts.set(ticket.id, (counts.get(ticket.id) ?? 0) + overtaking.length);
    }
    waiting = left
      .filter(({ createdAt }) => at - createdAt < queue.expireAfterMs)
      .map((ticket) => ({ ...ticket, tries: ticket.tries + 1 }));
  }
  return [...counts.values()];
};

const queue: Queue = {
  ...sampleQueue(3, 3),
  urgentAfterShare: SHARE,
  steps: [
    { fromTry: 0, eloSpread: 60, teamGap: 20, premade: "like" },
    { fromTry: 2, eloSpread: 150, teamGap: 40, premade: "near" },
    { fromTry: 5, eloSpread: 400, premade: "any" },
  ],
};

/** How many matches may take a younger ticket in an urgent one's place until it is matched or expires. */
const MOST_OVERTAKES = 3;

it.each([1, 2, 3, 4])("overtakes no urgent ticket of a team queue more than three times, seed %i", (seed) => {
  const counts = overtakenWhileUrgent(queue, seed);
  // There are such tickets, and some of them are overtaken: otherwise nothing would be shown.
  expect(counts.length).toBeGreaterThan(50);
  expect(counts.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(0);
  expect(Math.max(...counts)).toBeLessThanOrEqual(MOST_OVERTAKES);
});

/**
 * Each second two come whom an old ticket accepts, and two whom only those accept: together they make a match.
 *
 * @returns how many matches were made until the old ticket was in one; Infinity when it expired before
 */
const matchesBefore = (urgentAfterShare: number): number => {
  const pairs = { ...sampleQueue(2), urgentAfterShare, steps: [{ fromTry: 0, eloSpread: 100 }] };
  let waiting: WaitingTicket[] = [solo("old", 1_000, 0)];
  for (let round = 0, made = 0; 1_000 * round < pairs.expireAfterMs; round++) {
    const now = 1_000 * round;
    const arrived = [1_080, 1_090, 1_150, 1_160].map((elo) => solo(`t${round}-${elo}`, elo, now));
    const { proposals } = findMatches({
      ...{ queue: pairs, serve: arrived, candidates: waiting, now },
      ids: { match: () => `m${round}-${made}` },
    });
    const taken = new Set(proposals.flatMap(({ tickets }) => tickets.map(({ id }) => id)));
    if (taken.has("old")) return made;
    made += proposals.length;
    waiting = [...waiting, ...arrived].filter(({ id }) => !taken.has(id));
  }
  return Infinity;
};

const solo = (id: string, elo: number, createdAt: number): WaitingTicket => ({
  ...{ id, version: 1, tries: 0, createdAt, elo },
  players: [{ id: `p-${id}`, elo }],
});

it("keeps those whom an urgent ticket needs for it, whoever else would take them", () => {
  const { expireAfterMs } = sampleQueue(2);
  expect(matchesBefore(1)).toBe(Infinity);
  // Those of the rounds before it was urgent, and none from then on.
  expect(matchesBefore(0.5)).toBe(expireAfterMs / 2_000);
});
