import { effectiveTries, type Queue } from "@muster/core";
import { ascending } from "./ascending.ts";
import { criteriaByTries } from "./criteria-by-tries.ts";
import type { Roster } from "./roster.ts";
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
  /** Whether any holds more than one player. */
  readonly withParties: boolean;
  /** Whether any says by name which teams it accepts. */
  readonly withNames: boolean;
}

/**
 * @param roster each ticket once, oldest first, with a finite elo
 * @param now in ms since the epoch
 */
export const buildLadder = (queue: Queue, roster: Roster, now: number): Ladder => {
  const { tickets, elo: elos, tries, createdAt } = roster;
  const criteriaOf = criteriaByTries(queue);
  const oldestFirst = new Array<Seeker>(tickets.length);
  let level: Level | undefined;
  // In the order of elo, and on each level of age: neighbours of a search are then made side by side in memory.
  for (const age of ascending(elos)) {
    const ticket = tickets[age];
    if (ticket === undefined) continue;
    const elo = elos[age] ?? 0;
    if (level?.elo !== elo) level = levelAbove(level, elo);
    const effective = effectiveTries(queue, { tries: tries[age] ?? 0, createdAt: createdAt[age] ?? 0 }, now);
    const seeker = toSeeker(roster, age, ticket, effective, criteriaOf(effective), level);
    append(seeker);
    oldestFirst[age] = seeker;
  }
  return { oldestFirst, withParties: roster.size.some((size) => size > 1), withNames: roster.withNames };
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

const levelAbove = (below: Level | undefined, elo: number): Level => {
  const level: Level = { elo, oldest: undefined, youngest: undefined, below, above: undefined };
  if (below) below.above = level;
  return level;
};

/** To be called from the oldest to the youngest. */
const append = (seeker: Seeker): void => {
  const { level } = seeker;
  seeker.older = level.youngest;
  if (level.youngest) level.youngest.younger = seeker;
  else level.oldest = seeker;
  level.youngest = seeker;
};
