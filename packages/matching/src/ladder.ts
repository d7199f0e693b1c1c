import type { Queue } from "@muster/core";
import { byAge } from "./by-age.ts";
import { type Criteria, criteriaFor } from "./criteria.ts";
import type { Waiting } from "./gather.ts";
import { type Seeker, toSeeker } from "./seeker.ts";

/**
 * What waits, as a ladder: one level per elo, in order of elo, and on each level its free seekers, oldest first. Both
 * are doubly linked lists, and what is matched is taken out of them. So a scan from a free seeker meets free seekers
 * only, however many around it are gone, and a pass over n tickets costs one sort and then a few steps per ticket.
 */
export interface Level {
  readonly elo: number;
  oldest: Seeker | undefined;
  youngest: Seeker | undefined;
  /** The nearest levels that hold anyone. */
  below: Level | undefined;
  above: Level | undefined;
}

/** @returns a seeker for each ticket, oldest first, linked into one ladder */
export const buildLadder = (queue: Queue, waiting: readonly Waiting[]): Seeker[] => {
  const criteria = new Map<number, Criteria>();
  const levels = new Map<number, Level>();
  const seekers = waiting.map((each) => {
    const { elo, tries } = each.ticket;
    const accepted = criteria.get(tries) ?? criteriaFor(queue, tries);
    const level = levels.get(elo) ?? emptyLevel(elo);
    criteria.set(tries, accepted);
    levels.set(elo, level);
    return toSeeker(each, accepted, level);
  });
  seekers.sort(byAge).forEach(append);
  link(levels);
  return seekers;
};

/** Takes a seeker that is matched off the ladder, and its level too if it was the last there. */
export const take = (seeker: Seeker): void => {
  const { level, older, younger } = seeker;
  seeker.free = false;
  if (older) older.younger = younger;
  else level.oldest = younger;
  if (younger) younger.older = older;
  else level.youngest = older;
  if (level.oldest) return;
  if (level.below) level.below.above = level.above;
  if (level.above) level.above.below = level.below;
};

const emptyLevel = (elo: number): Level => ({
  elo,
  oldest: undefined,
  youngest: undefined,
  below: undefined,
  above: undefined,
});

const append = (seeker: Seeker, age: number): void => {
  const { level } = seeker;
  seeker.age = age;
  seeker.older = level.youngest;
  if (level.youngest) level.youngest.younger = seeker;
  else level.oldest = seeker;
  level.youngest = seeker;
};

const link = (levels: ReadonlyMap<number, Level>): void => {
  let below: Level | undefined;
  // A typed array sorts numbers natively, several times faster than a comparator.
  for (const elo of new Float64Array(levels.keys()).sort()) {
    const level = levels.get(elo);
    if (level && below) {
      level.below = below;
      below.above = level;
    }
    below = level;
  }
};
