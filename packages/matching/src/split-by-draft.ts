import { packParties, type TeamSizes } from "./pack-parties.ts";
import { improveBySwaps } from "./swap-units.ts";
import { emptySides, put, type Side, type Unit } from "./team-side.ts";

/**
 * A good split of a match of any size. Largest tickets first, and of these the strongest, each goes to the team that
 * needs the most strength per open place: for solo players a snake draft that looks at the sums. Then tickets of equal
 * size change places as long as that evens the teams. When the draft leaves a party without a team that holds it, the
 * parties are packed first, whatever their strength.
 *
 * @param units all tickets of the match, strongest first
 * @returns undefined when no packing of the parties was found
 */
export const splitByDraft = (teams: TeamSizes, units: readonly Unit[]): Side[] | undefined => {
  const largestFirst = units.toSorted((a, b) => b.size - a.size);
  const sides = draft(emptySides(teams), largestFirst) ?? draftAroundPacking(teams, largestFirst);
  if (sides) improveBySwaps(sides);
  return sides;
};

const draftAroundPacking = (teams: TeamSizes, largestFirst: readonly Unit[]): Side[] | undefined => {
  const parties = largestFirst.filter(({ size }) => size > 1);
  const packing = packParties(
    parties.map(({ size }) => size),
    teams,
  );
  if (!packing) return undefined;
  const sides = emptySides(teams);
  parties.forEach((party, index) => {
    const side = sides[packing[index] ?? -1];
    if (side) put(side, party);
  });
  return draft(sides, largestFirst.slice(parties.length));
};

/** Undefined when a unit finds no team with enough open places. */
const draft = (sides: Side[], units: readonly Unit[]): Side[] | undefined => {
  const all = [...sides, ...units].reduce((sum, { eloSum }) => sum + eloSum, 0);
  for (const unit of units) {
    const side = neediest(sides, unit.size, all / sides.length);
    if (!side) return undefined;
    put(side, unit);
  }
  return sides;
};

/** Of the teams that can hold so many players, the first one that lacks the most elo per open place. */
const neediest = (sides: readonly Side[], size: number, fairShare: number): Side | undefined => {
  let found: Side | undefined;
  let largest = -Infinity;
  for (const side of sides) {
    if (side.open < size) continue;
    const need = (fairShare - side.eloSum) / side.open;
    if (need <= largest) continue;
    found = side;
    largest = need;
  }
  return found;
};
