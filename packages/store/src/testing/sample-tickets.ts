import { DUEL_TEAMS, type Proposal, parseQueues, type Queue, type TicketRequest } from "@muster/core";

/** A 1v1 queue that accepts anyone. */
export const sampleQueue = (changes: Partial<Omit<Queue, "teamShapes">> = {}): Queue => {
  const { name = "duel", ...definition } = changes;
  const queues = parseQueues(
    {
      queues: {
        [name]: {
          teams: { count: 2, size: 1 },
          maxPartySize: 1,
          steps: [{ fromTry: 0 }],
          retryEveryMs: 1_000,
          expireAfterMs: 60_000,
          matchLengthMs: 60_000,
          maxWaiting: 1_000_000,
          ...definition,
        },
      },
    },
    "sample",
  );
  const queue = queues.get(name);
  if (!queue) throw new Error("parseQueues keeps every queue");
  return queue;
};

export const solo = (id: string, elo = 1_000): TicketRequest => ({ players: [{ id, elo }] });

/** A proposal that puts two solo tickets against each other. */
export const duelProposal = (
  match: string,
  tickets: readonly [ticket: string, player: string][],
  changes: { elo?: number; version?: number; queue?: string } = {},
): Proposal => {
  const { elo = 1_000, version = 1, queue = "duel" } = changes;
  return {
    id: match,
    queue,
    tickets: tickets.map(([id, player]) => ({
      ...{ id, version, tries: 0, createdAt: 0, elo, players: [{ id: player, elo }] },
    })),
    teams: DUEL_TEAMS,
    eloGap: 0,
    quality: 1,
  };
};
