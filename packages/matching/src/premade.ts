import { PREMADE_LEVELS, type Queue } from "@muster/core";

const [LIKE, NEAR, MIXED, ANY] = PREMADE_LEVELS.map((_, level) => level) as [number, number, number, number];

/**
 * How unlike the parties of a match's teams are, as a place in `PREMADE_LEVELS`: that of the two teams that are least
 * alike. Only teams with equally many places are compared; the sides of 1 against 4 can't be alike. Two teams of solo
 * players are alike, also when one has open places.
 *
 * @param teams for each team of the queue, in its order, the sizes of its parties (solo players are 1)
 */
export const premadeLevel = (
  { teamShapes }: Pick<Queue, "teamShapes">,
  teams: readonly (readonly number[])[],
): number => {
  let level = LIKE;
  for (const [index, team] of teams.entries()) {
    for (const [other, opponents] of teams.slice(0, index).entries()) {
      const places = teamShapes[index]?.max ?? 1;
      if (places !== teamShapes[other]?.max) continue;
      level = Math.max(level, levelOf(team, opponents, places));
    }
  }
  return level;
};

/** Whether a team is one party that fills it, against solo players. */
export const isFullParty = (team: readonly number[], places: number): boolean => places > 1 && team[0] === places;

export const isAllSolo = (team: readonly number[]): boolean => team.every((size) => size === 1);

const levelOf = (one: readonly number[], other: readonly number[], places: number): number => {
  const [a, b] = [largestFirst(one), largestFirst(other)];
  if (isAllSolo(a) && isAllSolo(b)) return LIKE;
  let most = 0;
  for (let place = 0; place < Math.max(a.length, b.length); place++) {
    most = Math.max(most, Math.abs((a[place] ?? 0) - (b[place] ?? 0)));
  }
  if (most === 0) return LIKE;
  if ((isFullParty(a, places) && isAllSolo(b)) || (isFullParty(b, places) && isAllSolo(a))) return ANY;
  return most === 1 ? NEAR : MIXED;
};

const largestFirst = (sizes: readonly number[]): readonly number[] => {
  // Solo players are in order as they are, and they are most.
  for (let place = 1; place < sizes.length; place++) {
    if ((sizes[place] ?? 0) > (sizes[place - 1] ?? 0)) return sizes.toSorted((a, b) => b - a);
  }
  return sizes;
};
