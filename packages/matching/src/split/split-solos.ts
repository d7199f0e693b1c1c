import { type Queue, usesRoles, type WaitingTicket } from "@muster/core";
import { EXACT_PLAYERS, type TeamSplit } from "./split-teams.ts";

/** A solo ticket. */
export interface Solo {
  readonly ticket: WaitingTicket;
  readonly elo: number;
  /** Its place in the order of age. */
  readonly age: number;
}

/** Whether nothing but elo tells two full teams of solo players apart: no roles and no sums. */
export const areTeamsPlain = (queue: Queue): boolean => {
  const [one, other, third] = queue.teamShapes;
  if (!one || !other || third || one.max !== other.max || one.max + other.max > EXACT_PLAYERS) return false;
  return !usesRoles(queue) && !queue.rules?.some(({ kind }) => kind === "teamSum");
};

/**
 * `splitTeams` for two full teams of solo players in a queue where `areTeamsPlain`: what most matches of most games are.
 * The splits are known beforehand and nothing but sums tells them apart, so it takes a fraction of the way that knows all
 * rules; and it looks at no ticket (see `Roster`). Who are of one elo stand in the order of age, not of id.
 */
export const splitSolos = (members: readonly Solo[]): TeamSplit => {
  const strongestFirst = members.toSorted(byElo);
  const size = strongestFirst.length / 2;
  const elos = new Float64Array(2 * size);
  for (let place = 0; place < elos.length; place++) elos[place] = strongestFirst[place]?.elo ?? 0;
  const { split, gap } = bestSplit(elos, size);
  const teams: WaitingTicket[][] = [[], []];
  for (let place = 0, taken = 0; place < elos.length; place++) {
    const solo = strongestFirst[place];
    const isInFirst = split[taken] === place;
    if (isInFirst) taken++;
    if (solo) teams[isInFirst ? 0 : 1]?.push(solo.ticket);
  }
  const eloGap = gap / size;
  return {
    ...{ teams: teams.map((tickets) => ({ tickets })), eloGap, strengthGap: eloGap },
    ...{ premade: 0, roleFault: 0 },
  };
};

const byElo = (a: Solo, b: Solo): number => b.elo - a.elo || a.age - b.age;

/**
 * The first of the splits with the smallest gap, and of these the one whose teams' strongest are nearest.
 *
 * @param elos from the strongest on
 * @returns the places of the first team's players, and the difference between the teams' sums
 */
const bestSplit = (elos: Float64Array, size: number): { split: Uint8Array; gap: number } => {
  const { places, strongestOfOthers } = splitsOf(size);
  const strongest = elos[0] ?? 0;
  let total = 0;
  for (let place = 0; place < elos.length; place++) total += elos[place] ?? 0;
  let best = 0;
  let gap = Infinity;
  let gapOfBest = Infinity;
  for (let index = 0; index < strongestOfOthers.length; index++) {
    let sum = 0;
    for (let at = index * size; at < (index + 1) * size; at++) sum += elos[places[at] ?? 0] ?? 0;
    const itsGap = Math.abs(2 * sum - total);
    if (itsGap > gap) continue;
    const itsGapOfBest = strongest - (elos[strongestOfOthers[index] ?? 0] ?? 0);
    if (itsGap === gap && itsGapOfBest >= gapOfBest) continue;
    best = index;
    gap = itsGap;
    gapOfBest = itsGapOfBest;
    if (gap === 0 && gapOfBest === 0) break;
  }
  return { split: places.subarray(best * size, (best + 1) * size), gap };
};

/** All ways to split players in two. They go by their places, from the strongest on, who is always in the first team. */
interface Splits {
  /** Those of the first team, one split after the other. */
  readonly places: Uint8Array;
  /** Of each split, the strongest of the second team. */
  readonly strongestOfOthers: Uint8Array;
}

const known: (Splits | undefined)[] = [];

const splitsOf = (size: number): Splits => {
  const splits = known[size] ?? newSplits(size);
  known[size] = splits;
  return splits;
};

const newSplits = (size: number): Splits => {
  const chosen = choicesFrom([0], size);
  const gapIn = (places: readonly number[]): number => places.findIndex((place, index) => place !== index);
  return {
    places: Uint8Array.from(chosen.flat()),
    strongestOfOthers: Uint8Array.from(chosen, (places) => (gapIn(places) < 0 ? size : gapIn(places))),
  };
};

/** All ways to complete a choice of so many out of twice as many places. */
const choicesFrom = (chosen: readonly number[], size: number): number[][] => {
  if (chosen.length === size) return [[...chosen]];
  const first = (chosen.at(-1) ?? 0) + 1;
  const next = Array.from({ length: 2 * size - first }, (_, index) => first + index);
  return next.flatMap((place) => choicesFrom([...chosen, place], size));
};
