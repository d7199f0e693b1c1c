import { hash } from "node:crypto";
import { effectiveTries, idIn, MusterError, type NewTicketRequest, type Queue, type Ticket } from "@muster/core";
import type { Accepted, EnqueueOutcome, NewTicket } from "@muster/store";
import { checkTicket } from "./check-ticket.ts";
import type { OperationContext } from "./context.ts";
import { fillInRatings } from "./fill-in-ratings.ts";

const FULL_RETRY_AFTER_S = 5;

/** A hash in letters and digits, six bits each, as fresh ids have them. */
const hashOf = (...parts: string[]) => hash("sha256", parts.join("\n"), "base64url").replace(/[-_]/g, "0");

/** Of a hash, as many letters as a fresh id has: nobody finds two keys, or requests, that are alike in these. */
const HASH_LETTERS = 20;

/**
 * With an idempotency key the ticket's id follows from the key, so that the ticket's own record tells a repeated
 * request, at whichever orchestrator and for as long as the record is kept. The digest tells it from another one.
 *
 * @param sent as it came, before any elo was filled in: a repeated request is the same whatever became of ratings
 */
const repeatable = (queue: Queue, sent: NewTicketRequest, key: string) => ({
  id: idIn(queue.partition, `t_${hashOf(queue.name, key).slice(0, HASH_LETTERS)}`),
  digest: hashOf(JSON.stringify(sent)).slice(0, HASH_LETTERS),
});

/**
 * Enqueues checked requests and has the new tickets searched for.
 *
 * @param key the requests' idempotency key, made the caller's own; each request of several gets one of its own from it
 * @returns a ticket or an error for each request, in order
 */
export const enqueue = async (
  context: OperationContext,
  queue: Queue,
  requests: readonly NewTicketRequest[],
  key?: string,
): Promise<(Ticket | MusterError)[]> => {
  const keyOf = (index: number) => (key !== undefined && requests.length > 1 ? `${key}\n${index}` : key);
  const overload = context.admission.refusal(queue, requests.length);
  if (overload) return refuseNew(context, queue, requests, { keyOf, overload });
  const results: (Ticket | MusterError | undefined)[] = [];
  const news = (await fillInRatings(context.store, queue, requests)).flatMap((request, index) => {
    const fault = request instanceof MusterError ? request : faultOf(() => checkTicket(queue, request));
    results[index] = fault;
    if (fault || request instanceof MusterError) return [];
    const [sent, keyOfOne] = [requests[index], keyOf(index)];
    const ids =
      sent && keyOfOne !== undefined
        ? repeatable(queue, sent, keyOfOne)
        : { id: idIn(queue.partition, context.ids.ticket()) };
    return [{ index, ticket: { ...ids, request } }];
  });
  const outcomes = await context.store.enqueueTickets(
    queue,
    news.map(({ ticket }) => ticket),
  );
  news.forEach(({ index, ticket }, n) => {
    const outcome = outcomes[n];
    if (!outcome) return;
    if (outcome.outcome === "queued") {
      const { packed, tries, elo, createdAt } = outcome;
      context.searches.add(queue, {
        elo,
        tries: effectiveTries(queue, { tries, createdAt }, createdAt),
        packed,
        packedAt: createdAt,
        since: createdAt,
      });
    }
    results[index] = toResult(queue, ticket, outcome, context.store.clock.now());
  });
  return results.map((result) => result ?? new MusterError("INTERNAL", "The store gave no answer for this ticket."));
};

/**
 * Answers requests while no new ones are let in: what was accepted before and is repeated gets its first answer all the
 * same, or a client whose answer was lost would take its ticket for refused.
 */
const refuseNew = async (
  { store }: OperationContext,
  queue: Queue,
  requests: readonly NewTicketRequest[],
  { keyOf, overload }: { keyOf: (index: number) => string | undefined; overload: MusterError },
): Promise<(Ticket | MusterError)[]> => {
  const wanted = requests.flatMap((sent, index) => {
    const key = keyOf(index);
    return key === undefined ? [] : [repeatable(queue, sent, key)];
  });
  if (wanted.length === 0) return requests.map(() => overload);
  // With a key each request has one.
  const accepted = await store.readAccepted(wanted.map(({ id }) => id));
  return wanted.map(({ id, digest }, index) => {
    const kept = accepted[index];
    if (!kept) return overload;
    return kept.digest === digest ? toTicket(queue, id, kept) : keyConflict();
  });
};

const faultOf = (check: () => void): MusterError | undefined => {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof MusterError) return error;
    throw error;
  }
};

/** A repeated request gets the very answer of the first one, whatever has become of the ticket since. */
const toTicket = (
  queue: Queue,
  id: string,
  { createdAt, expiresAt, tries, request }: Omit<Accepted, "digest">,
): Ticket => ({ id, queue: queue.name, status: "queued", version: 1, tries, createdAt, expiresAt, ...request });

const keyConflict = () =>
  new MusterError(
    "IDEMPOTENCY_CONFLICT",
    "This Idempotency-Key was used for another request. Use a new key for each new request.",
    { faults: [{ field: "Idempotency-Key", message: "was used with another body" }] },
  );

const toResult = (queue: Queue, { id }: NewTicket, outcome: EnqueueOutcome, now: number): Ticket | MusterError => {
  switch (outcome.outcome) {
    case "queued":
    case "replayed":
      return toTicket(queue, id, outcome);
    case "conflict":
      return keyConflict();
    case "full":
      return new MusterError(
        "OVERLOADED",
        `Queue "${queue.name}" holds ${queue.maxWaiting} tickets, as many as it may. Try again later.`,
        { retryAfterS: FULL_RETRY_AFTER_S },
      );
    case "cooling": {
      const retryAfterS = Math.ceil((Math.max(...outcome.players.map(({ untilMs }) => untilMs)) - now) / 1_000);
      return new MusterError(
        "COOLDOWN",
        `Nothing was queued: ${outcome.players.map(({ id }) => id).join(", ")} declined or left a match, and may queue again in ${retryAfterS} s.`,
        { retryAfterS: Math.max(1, retryAfterS) },
      );
    }
    case "busy":
      return new MusterError(
        "PLAYER_BUSY",
        `Nothing was queued: ${outcome.players.map(({ id, state }) => `${id} is ${state.state}`).join(", ")}. A player can be in one ticket or match at a time: cancel that ticket or end that match first.`,
        {
          busy: outcome.players.map(({ id, state: { state, queue, ticket, match } }) => ({
            id,
            state,
            ...(queue && { queue }),
            ...(ticket && { ticket }),
            ...(match && { match }),
          })),
        },
      );
  }
};
