/**
 * Gives each player one place, so that the sum of the costs is lowest. Exact: a minimum-cost assignment by successive
 * shortest augmenting paths (R. Busacker and P. Gowen, 1961), on the graph of the kinds of places, which are few.
 *
 * @param costs for each player, what a place of each kind costs; Infinity: it can't have one
 * @param capacity places of each kind
 * @returns for each kind the players who got one, by their index; undefined when someone would be left without
 */
export const assignPlaces = (
  costs: readonly (readonly number[])[],
  capacity: readonly number[],
): number[][] | undefined => {
  const holders: number[][] = capacity.map(() => []);
  for (let player = 0; player < costs.length; player++) {
    if (!seat(player, capacity, costs, holders)) return undefined;
  }
  return holders;
};

/** Gives one more player a place, moving others where that is cheapest. False when there is no way. */
const seat = (
  player: number,
  capacity: readonly number[],
  costs: readonly (readonly number[])[],
  holders: number[][],
): boolean => {
  const distance = [...(costs[player] ?? [])];
  /** By kind: who moves into it, and from which kind; the new player from none. */
  const mover = capacity.map(() => ({ player, from: -1 }));
  // Bellman–Ford: moving someone to a place that it likes better has a negative cost.
  for (let round = 0; round < capacity.length; round++) {
    let changed = false;
    for (const [from, held] of holders.entries()) {
      if (distance[from] === Infinity) continue;
      for (const holder of held) {
        const own = costs[holder]?.[from] ?? Infinity;
        for (let to = 0; to < capacity.length; to++) {
          const through = (distance[from] ?? Infinity) + (costs[holder]?.[to] ?? Infinity) - own;
          if (to === from || !(through < (distance[to] ?? Infinity))) continue;
          distance[to] = through;
          mover[to] = { player: holder, from };
          changed = true;
        }
      }
    }
    if (!changed) break;
  }
  let target = -1;
  for (let kind = 0; kind < capacity.length; kind++) {
    const isOpen = (holders[kind]?.length ?? 0) < (capacity[kind] ?? 0);
    if (isOpen && (distance[kind] ?? Infinity) < (distance[target] ?? Infinity)) target = kind;
  }
  if (target < 0) return false;
  for (let kind = target; kind >= 0; ) {
    const step = mover[kind];
    if (!step) return false;
    holders[kind]?.push(step.player);
    if (step.from >= 0) holders[step.from]?.splice(holders[step.from]?.indexOf(step.player) ?? -1, 1);
    kind = step.from;
  }
  return true;
};
