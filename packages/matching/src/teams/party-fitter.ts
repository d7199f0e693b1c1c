import { packParties } from "../split/pack-parties.ts";

/** Above so many tickets a new one must fit beside the others as they stand: placing all anew would take too long. */
const MAX_REPACKED = 64;

/** Tells of each ticket in turn whether it can join a match that fills up; if so, it has joined. */
export type PartyFitter = (size: number) => boolean;

/**
 * Keeps the tickets of a match placed in teams, each whole, and only lets in whom leaves open places that can be filled.
 *
 * @param places players of each full team
 * @param fillable numbers of open places of a team that the tickets around can fill, or that may stay open
 */
export const partyFitter = (places: readonly number[], fillable: ReadonlySet<number>): PartyFitter => {
  const sizes: number[] = [];
  const open = [...places];
  const refused = new Set<number>();

  const addBeside = (size: number): boolean => {
    const team = open.findIndex((left) => left >= size && fillable.has(left - size));
    if (team < 0) return false;
    open[team] = (open[team] ?? 0) - size;
    sizes.push(size);
    return true;
  };

  const placeAnew = (size: number): boolean => {
    if (sizes.length >= MAX_REPACKED) return false;
    const all = [...sizes, size].sort((a, b) => b - a);
    const packing = packParties(all, places, (left) => fillable.has(left));
    if (!packing) return false;
    for (const [team, left] of places.entries()) open[team] = left;
    for (const [party, team] of packing.entries()) open[team] = (open[team] ?? 0) - (all[party] ?? 0);
    sizes.push(size);
    return true;
  };

  return (size) => {
    if (refused.has(size)) return false;
    const joined = addBeside(size) || placeAnew(size);
    if (joined) refused.clear();
    else refused.add(size);
    return joined;
  };
};
