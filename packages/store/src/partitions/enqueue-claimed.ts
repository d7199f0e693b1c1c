import { MusterError, type PlayerState, type Queue, toWaiting } from "@muster/core";
import type { Claims, Kept } from "../claims/open-claims.ts";
import type { Store } from "../store.ts";
import { type EnqueueOutcome, hasCoolDowns, type NewTicket } from "../tickets/enqueue-tickets.ts";
import { packTicket } from "../tickets/pack-ticket.ts";
import type { Accepted } from "../tickets/read-accepted.ts";

/** Each time that some are refused as elsewhere, somebody moved their players between our two steps. */
const TRIES = 20;

/** A script takes every player who is idle, so one who is idle and was refused is sealed: see open-claims.ts. */
export const refusedAsElsewhere = ({ state }: Pick<PlayerState, "state">): boolean => state === "idle";

/**
 * Puts tickets into a queue of one of several partitions: their players' claims are brought there first.
 *
 * @returns one outcome for each ticket, in order, as Store.enqueueTickets
 */
export const enqueueClaimed = async (
  { store, claims }: { store: Pick<Store, "enqueueTickets" | "readAccepted" | "keys">; claims: Pick<Claims, "bring"> },
  queue: Queue,
  tickets: readonly NewTicket[],
): Promise<EnqueueOutcome[]> => {
  const outcomes: (EnqueueOutcome | undefined)[] = tickets.map(() => undefined);
  let open = tickets.map((ticket, index) => ({ ticket, index }));
  for (let attempt = 1; open.length > 0; attempt++) {
    if (attempt > TRIES) {
      throw new MusterError("STORE_UNAVAILABLE", "Players of these tickets are moved from partition to partition.", {
        retryAfterS: 1,
      });
    }
    const players = [...new Set(open.flatMap(({ ticket }) => idsOf(ticket)))];
    const options = { heedCoolDowns: hasCoolDowns(queue), attempt };
    const kept = await claims.bring(players, store.keys.partition, options);
    const [held, free] = [
      open.filter(({ ticket }) => idsOf(ticket).some((player) => kept.has(player))),
      open.filter(({ ticket }) => !idsOf(ticket).some((player) => kept.has(player))),
    ];
    // A request that was accepted before is answered as then, wherever its players are by now.
    const accepted = held.length === 0 ? [] : await store.readAccepted(held.map(({ ticket }) => ticket.id));
    held.forEach(({ ticket, index }, n) => {
      outcomes[index] = repeated(queue, ticket, accepted[n]) ?? toOutcome(ticket, kept);
    });
    const found = await store.enqueueTickets(
      queue,
      free.map(({ ticket }) => ticket),
    );
    open = free.filter((_, n) => {
      const outcome = found[n];
      return outcome?.outcome === "busy" && outcome.players.some(({ state }) => refusedAsElsewhere(state));
    });
    free.forEach(({ index }, n) => {
      outcomes[index] = found[n];
    });
  }
  return outcomes.map((outcome) => {
    if (!outcome) throw new Error("every ticket is enqueued or refused");
    return outcome;
  });
};

const idsOf = ({ request }: NewTicket): string[] => request.players.map(({ id }) => id);

const repeated = (queue: Queue, { id, digest }: NewTicket, kept: Accepted | undefined): EnqueueOutcome | undefined => {
  if (digest === undefined || !kept) return undefined;
  if (kept.digest !== digest) return { outcome: "conflict" };
  const { createdAt, expiresAt, tries, request } = kept;
  const waiting = toWaiting(queue, request);
  const packed = packTicket({ id, version: 1, createdAt, tries, ...waiting });
  return { outcome: "replayed", createdAt, expiresAt, tries, request, elo: waiting.elo, packed };
};

const toOutcome = (ticket: NewTicket, kept: ReadonlyMap<string, Kept>): EnqueueOutcome => {
  const named = idsOf(ticket).flatMap((id) => {
    const what = kept.get(id);
    return what ? [{ id, ...what }] : [];
  });
  const busy = named.filter((player) => "state" in player);
  if (busy.length > 0) return { outcome: "busy", players: busy };
  return { outcome: "cooling", players: named.filter((player) => "untilMs" in player) };
};
