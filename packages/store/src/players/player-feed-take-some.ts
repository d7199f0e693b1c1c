/** Removes up to `count` players from the set, those that were added first. */
export const takeSome = (players: Set<string>, count: number): string[] => {
  const taken: string[] = [];
  for (const player of players) {
    if (taken.length === count) break;
    taken.push(player);
    players.delete(player);
  }
  return taken;
};
