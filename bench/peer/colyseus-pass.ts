import { QueueRoom } from "@colyseus/core";

/** What Colyseus' queue room does with those who wait at each of its cycles, without what it does for the groups it made. */
class PassOnly extends QueueRoom {
  override maxPlayers = 2;
  override processGroupsReady(): void {}
}

export interface ColyseusPass {
  /** Puts others into the queue, in the place of all who were in it. @param ranks in the order in which they came */
  fill(ranks: readonly number[]): void;
  /** Makes all groups of two once. @returns how many there are */
  run(): number;
}

/**
 * One room for all passes, as in a server: a new one for each would begin without the code that was compiled for the last.
 *
 * @param eloSpread what two may be apart
 */
export const openColyseusPass = (eloSpread: number): ColyseusPass => {
  const room = new PassOnly();
  room.onCreate({
    matchRoomName: "battle",
    compare: (client, group) => Math.abs(client.rank - group.averageRank) <= eloSpread,
  });
  // No timer of its own: the caller says when.
  room.setTimestep();
  return {
    fill(ranks) {
      room.clients.length = 0;
      for (const rank of ranks) room.clients.push({ userData: { rank, currentCycle: 0 } } as never);
    },
    run() {
      room.reassignMatchGroups();
      return room.groups.filter(({ ready }) => ready).length;
    },
  };
};
