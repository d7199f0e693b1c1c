import { PREMADE_LEVELS, type Queue } from "@muster/core";
import type { Criteria } from "../criteria.ts";
import { premadeLevel } from "../premade.ts";

/** What the parties of a match may be: so many tickets of each size. */
export interface Composition {
  /** How unlike its teams are: a place in `PREMADE_LEVELS`. */
  readonly level: number;
  /** Tickets of each size. */
  readonly quotas: ReadonlyMap<number, number>;
}

/** More ways than these to make up a team, as for ten players, are too many to try. */
const MAX_PARTITIONS = 50;
/** With more teams than these only compositions of teams that are all the same are tried. */
const MAX_TEAMS = 3;

/** Queues never change, and their compositions cost more than a small search. */
const known = new WeakMap<Queue, { readonly compositions: readonly Composition[] | undefined }>();

/**
 * All ways to make up full matches of parties, the most alike first, then those with the fewest parties to be found.
 * Only where some step limits how unlike parties may be; and only where all teams are equally large, since others can't
 * be compared.
 *
 * @returns undefined when nothing needs to be composed, or there are too many ways: parties then join as they come
 */
export const compositionsOf = (queue: Queue): readonly Composition[] | undefined => {
  const entry = known.get(queue) ?? { compositions: allCompositions(queue) };
  known.set(queue, entry);
  return entry.compositions;
};

/** A ticket by the players that it holds, and what it accepts. */
interface Sized {
  readonly size: number;
  readonly criteria: Pick<Criteria, "premade">;
}

/** Tickets of each size, by the level that they accept at least. */
export class SizeCounts {
  readonly #sizes: number;
  readonly #counts: Uint32Array;

  /** @param among all that may ever be counted */
  constructor(among: readonly Sized[]) {
    this.#sizes = among.reduce((most, { size }) => Math.max(most, size), 0) + 1;
    this.#counts = new Uint32Array(PREMADE_LEVELS.length * this.#sizes);
  }

  clear(): void {
    this.#counts.fill(0);
  }

  add({ size, criteria }: Sized): void {
    for (let level = 0; level <= criteria.premade; level++) {
      const place = level * this.#sizes + size;
      this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    }
  }

  areEnoughFor({ level, quotas }: Composition): boolean {
    for (const [size, wanted] of quotas) {
      if (size >= this.#sizes || (this.#counts[level * this.#sizes + size] ?? 0) < wanted) return false;
    }
    return true;
  }
}

/** Whether a ticket accepts it and has a place in it. */
export const accepts = ({ size, criteria }: Sized, { level, quotas }: Composition): boolean =>
  level <= criteria.premade && quotas.has(size);

/** Those of the compositions that a ticket accepts and that it and those around it are enough for, in their order. */
export const compositionsAround = (
  compositions: readonly Composition[],
  core: Sized,
  others: readonly Sized[],
): Composition[] => {
  const all = [core, ...others];
  const counts = new SizeCounts(all);
  for (const each of all) counts.add(each);
  return compositions.filter((each) => accepts(core, each) && counts.areEnoughFor(each));
};

/** Whether not all ways to make up a match are listed: beyond a few teams, or with places that may stay open. */
export const areListedInPart = ({ teamShapes }: Queue): boolean =>
  teamShapes.length > MAX_TEAMS || teamShapes.some(({ min, max }) => min < max);

const allCompositions = (queue: Queue): Composition[] | undefined => {
  const { teamShapes, maxPartySize, steps } = queue;
  const [first] = teamShapes;
  const isLimited = steps.some(({ premade = "any" }) => premade !== PREMADE_LEVELS.at(-1));
  if (!first || teamShapes.length < 2 || maxPartySize < 2 || !isLimited) return undefined;
  if (teamShapes.some(({ max }) => max !== first.max)) return undefined;
  const partitions = partitionsOf(first.max, Math.min(maxPartySize, first.max));
  if (partitions.length > MAX_PARTITIONS) return undefined;
  const count = teamShapes.length;
  const alike = partitions.map((partition) => new Array<readonly number[]>(count).fill(partition));
  return (count > MAX_TEAMS ? alike : choicesOf(partitions, count))
    .map((teams): Composition => ({ level: premadeLevel(queue, teams), quotas: countsOf(teams.flat()) }))
    .sort((a, b) => a.level - b.level || partiesIn(a) - partiesIn(b));
};

/** All ways to write a number as a sum of parts of at most `largest`, each with its parts from large to small. */
const partitionsOf = (places: number, largest: number): number[][] => {
  if (places === 0) return [[]];
  const partitions: number[][] = [];
  for (let part = Math.min(places, largest); part >= 1; part--) {
    for (const rest of partitionsOf(places - part, part)) {
      partitions.push([part, ...rest]);
      // One more than is of use, so that it is known to be too many.
      if (partitions.length > MAX_PARTITIONS) return partitions;
    }
  }
  return partitions;
};

/** All ways to choose `count` partitions, repeated at will, in whatever order. */
const choicesOf = (partitions: readonly (readonly number[])[], count: number): (readonly number[])[][] => {
  if (count === 0) return [[]];
  return partitions.flatMap((partition, index) =>
    choicesOf(partitions.slice(index), count - 1).map((rest) => [partition, ...rest]),
  );
};

const countsOf = (sizes: readonly number[]): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const size of sizes) counts.set(size, (counts.get(size) ?? 0) + 1);
  return counts;
};

const partiesIn = ({ quotas }: Composition): number => {
  let parties = 0;
  for (const [size, count] of quotas) if (size > 1) parties += count;
  return parties;
};
