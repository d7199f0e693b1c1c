import type { Player, Random } from "@muster/core";
import type { Person } from "../load/population.ts";
import { type ArrivalTimes, arrivalTimes } from "./arrivals-day.ts";

/** A person with the roles that it asks for, the dearest first; absent: any. */
export type Comer = Person & Pick<Player, "roles">;

/** A player or a party that asks for a match. */
export interface Arrival {
  readonly atMs: number;
  readonly members: readonly Comer[];
  /** Names of the teams that it accepts; absent: any. */
  readonly teams?: string[];
}

export interface ArrivalsOptions extends Omit<ArrivalTimes, "ratePerS"> {
  /** Players, not parties, per second. */
  ratePerS: number;
  people: readonly Person[];
  /** Nobody comes again before this time has passed since the last arrival: the longest wait and a match. */
  busyMs: number;
  /** Weights of parties of 1, 2, … players among the arrivals; one entry: solo players only. */
  partyWeights: readonly number[];
  random: Random;
}

export interface Arrivals {
  list: Arrival[];
  /** Players who had to come although the population had nobody idle: copies of busy ones, with their own id. */
  copies: number;
}

/** Of so many people drawn, the one nearest in elo joins the party: friends play at similar strength. */
const FRIENDS_DRAWN = 8;

/**
 * All arrivals of a run, made before it: they don't depend on what becomes of anybody, so that two definitions meet
 * the very same. A player is drawn evenly from those who are idle, and counts as busy for `busyMs`, which is as long as
 * a ticket and a match can last. A party's first member is drawn so, each other one as the nearest in elo of 8.
 */
export const drawArrivals = (options: ArrivalsOptions): Arrivals => {
  const { people, ratePerS, busyMs, partyWeights, random } = options;
  const idle = [...people];
  const busy: { person: Person; untilMs: number }[] = [];
  const copies = new Set<Person>();
  let firstBusy = 0;

  const draw = (wanted: number | undefined): Person => {
    if (idle.length === 0) {
      const twin = people[Math.floor(random.next() * people.length)];
      if (!twin) throw new Error("a population without people");
      const copy = { ...twin, id: `${twin.id}.${copies.size + 1}` };
      copies.add(copy);
      return copy;
    }
    let chosen = Math.floor(random.next() * idle.length);
    for (let drawn = 1; wanted !== undefined && drawn < FRIENDS_DRAWN; drawn++) {
      const other = Math.floor(random.next() * idle.length);
      if (eloDistance(idle[other], wanted) < eloDistance(idle[chosen], wanted)) chosen = other;
    }
    // Both indexes are inside the array.
    const person = idle[chosen] as Person;
    idle[chosen] = idle.at(-1) as Person;
    idle.pop();
    return person;
  };

  const party = (atMs: number): Person[] => {
    const members: Person[] = [];
    for (let left = drawSize(partyWeights, random); left > 0; left--) members.push(draw(members[0]?.elo));
    for (const person of members) if (!copies.has(person)) busy.push({ person, untilMs: atMs + busyMs });
    return members;
  };

  const list: Arrival[] = [];
  for (const atMs of arrivalTimes({ ...options, ratePerS: ratePerS / meanSize(partyWeights) })) {
    // Everybody is busy for the same time, so whoever came first is idle first.
    for (let next = busy[firstBusy]; next && next.untilMs <= atMs; next = busy[++firstBusy]) {
      idle.push(next.person);
    }
    list.push({ atMs, members: party(atMs) });
  }
  return { list, copies: copies.size };
};

/** Weights for parties of 1 to `largest` players: each size half as frequent as the one before. An assumption. */
export const halvingWeights = (largest: number): number[] => Array.from({ length: largest }, (_, n) => 2 ** -n);

const eloDistance = (person: Person | undefined, elo: number): number => Math.abs((person?.elo ?? Infinity) - elo);

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const meanSize = (weights: readonly number[]): number =>
  sum(weights.map((weight, index) => weight * (index + 1))) / sum(weights);

const drawSize = (weights: readonly number[], random: Random): number => {
  if (weights.length === 1) return 1;
  let left = random.next() * sum(weights);
  const index = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return index < 0 ? weights.length : index + 1;
};
