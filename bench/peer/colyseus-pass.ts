import { QueueRoom } from "@colyseus/core";

/** What Colyseus' queue room does with those who wait at each of its cycles, without what it does for the groups it made. */
class PassOnly extends QueueRoom {
  override maxPlayers = 2;
  override processGroupsReady(): void {}
}

/**
 * @param ranks of all who wait, in the order in which they came
 * @param eloSpread what two may be apart
 * @returns a function that makes all groups of two once, and returns how many it made
 */
export const colyseusPass = (ranks: readonly number[], eloSpread: number): (() => number) => {
  const room = new PassOnly();
  room.onCreate({
    matchRoomName: "battle",
    compare: (client, group) => Math.abs(client.rank - group.averageRank) <= eloSpread,
  });
  // No timer of its own: the caller says when.
  room.setTimestep();
  for (const rank of ranks) room.clients.push({ userData: { rank, currentCycle: 0 } } as never);
  return () => {
    room.reassignMatchGroups();
    return room.groups.filter(({ ready }) => ready).length;
  };
};
