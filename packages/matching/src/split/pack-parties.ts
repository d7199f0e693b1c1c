/** Packing is NP-hard in general but easy for real parties: after so many placements taken back it is given up. */
const MAX_UNDONE = 500;

/**
 * Places parties into teams, each whole: first fit, and where that leads nowhere the next team is tried.
 *
 * @param sizes players per party, largest first
 * @param places places of each team
 * @param canStayOpen whether a team may be left with so many open places; by default any number
 * @returns the team's index for each party; undefined when no packing was found
 */
export const packParties = (
  sizes: readonly number[],
  places: readonly number[],
  canStayOpen: (places: number) => boolean = () => true,
): number[] | undefined => {
  const open = [...places];
  const packing: number[] = [];
  let firstTeam = 0;
  // A loop with its own stack, not a recursion: a match may hold hundreds of parties.
  for (let undone = 0; undone <= MAX_UNDONE; ) {
    const size = sizes[packing.length];
    if (size === undefined && open.every(canStayOpen)) return packing;
    const team = size === undefined ? -1 : teamFor(size, open, firstTeam);
    if (size !== undefined && team >= 0) {
      open[team] = (open[team] ?? 0) - size;
      packing.push(team);
      firstTeam = 0;
      continue;
    }
    const last = packing.pop();
    if (last === undefined) return undefined;
    open[last] = (open[last] ?? 0) + (sizes[packing.length] ?? 0);
    firstTeam = last + 1;
    undone++;
  }
  return undefined;
};

/** Teams with equally many open places are alike: only the first of them counts. */
const teamFor = (size: number, open: readonly number[], firstTeam: number): number =>
  open.findIndex((places, team) => team >= firstTeam && places >= size && open.indexOf(places) === team);

/** Which numbers of open places, up to `limit`, can be filled exactly with parties of these sizes, repeated at will. */
export const fillablePlaces = (sizes: Iterable<number>, limit: number): Set<number> => {
  const fillable = new Set([0]);
  const different = new Set(sizes);
  for (let places = 1; places <= limit; places++) {
    for (const size of different) if (fillable.has(places - size)) fillable.add(places);
  }
  return fillable;
};
