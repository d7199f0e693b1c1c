import { initialElo, MusterError, type NewTicketRequest, type Queue, type TicketRequest } from "@muster/core";
import type { Store } from "@muster/store";

/**
 * Gives every player that came without elo the one that Muster keeps, or the queue's initial one. What a request says
 * itself stays as it is.
 *
 * @returns for each request, in order, the same with every elo filled in; or INVALID in a queue without ratings
 */
export const fillInRatings = async (
  store: Pick<Store, "readRatings">,
  queue: Queue,
  requests: readonly NewTicketRequest[],
): Promise<(TicketRequest | MusterError)[]> => {
  const unrated = requests.flatMap(({ players }) => players.filter(({ elo }) => elo === undefined).map(({ id }) => id));
  const { ratings } = queue;
  const kept = ratings && unrated.length > 0 ? await store.readRatings(unrated, queue.name) : undefined;
  return requests.map((request) => {
    const players: TicketRequest["players"] = [];
    for (const [index, player] of request.players.entries()) {
      const elo = player.elo ?? (ratings && (kept?.get(player.id)?.rating?.elo ?? initialElo(ratings)));
      if (elo === undefined) return missingElo(queue, index);
      players.push({ ...player, elo });
    }
    return { ...request, players };
  });
};

const missingElo = (queue: Queue, index: number): MusterError => {
  const field = `players[${index}].elo`;
  return new MusterError(
    "INVALID",
    `${field} is missing. Send it, or give queue "${queue.name}" ratings: then Muster keeps the players' elo.`,
    { faults: [{ field, message: "is missing, and this queue has no ratings to take it from" }] },
  );
};
