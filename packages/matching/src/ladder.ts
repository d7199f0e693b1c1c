import { effectiveTries, type Queue } from "@muster/core";
import { ascending } from "./ascending.ts";
import { criteriaByTries } from "./criteria-by-tries.ts";
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

export interface Ladder {
  /** All seekers, by age. */
  readonly oldestFirst: readonly Seeker[];
}

/**
 * @param waiting each ticket once, oldest first, with a finite elo
 * @param now in ms since the epoch
 */
export const buildLadder = (queue: Queue, waiting: Waiting, now: number): Ladder => {
  const { tickets, served } = waiting;
  const elos = Float64Array.from(tickets, ({ elo }) => elo);
  const levels = levelsOf(elos, ascending(elos));
  const criteriaOf = criteriaByTries(queue);
  const oldestFirst: Seeker[] = [];
  for (const [age, ticket] of tickets.entries()) {
    const tries = effectiveTries(queue, ticket, now);
    const level = levels[age];
    if (!level) continue;
    const seeker = toSeeker(ticket, served[age] === 1, tries, criteriaOf(tries), level);
    seeker.age = age;
    append(seeker);
    oldestFirst.push(seeker);
  }
  return { oldestFirst };
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

/** The level of each elo, linked from the lowest up. */
const levelsOf = (elos: Float64Array, byElo: Uint32Array): Level[] => {
  const levels = new Array<Level>(elos.length);
  let below: Level | undefined;
  for (const index of byElo) {
    const elo = elos[index] ?? 0;
    if (below?.elo !== elo) {
      const level: Level = { elo, oldest: undefined, youngest: undefined, below, above: undefined };
      if (below) below.above = level;
      below = level;
    }
    levels[index] = below;
  }
  return levels;
};

/** To be called from the oldest to the youngest. */
const append = (seeker: Seeker): void => {
  const { level } = seeker;
  seeker.older = level.youngest;
  if (level.youngest) level.youngest.younger = seeker;
  else level.oldest = seeker;
  level.youngest = seeker;
};
