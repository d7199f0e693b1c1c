import type { TicketRequest } from "@muster/core";
import type { StoreContext } from "../context.ts";

/** What is kept of a request that was accepted under an id that can be repeated, as it was answered first. */
export interface Accepted {
  digest: string;
  createdAt: number;
  expiresAt: number;
  tries: number;
  request: TicketRequest;
}

/**
 * What enqueue-tickets.lua would recognise as repeated, without putting anything into a queue.
 *
 * @returns one for each id, in order; undefined where nothing that can be repeated was accepted
 */
export const readAccepted = async (
  { redis, keys }: StoreContext,
  ids: readonly string[],
): Promise<(Accepted | undefined)[]> => {
  const fields = ["digest", "createdAt", "expiresAt", "firstTries", "body"] as const;
  // What changed since was answered as it was first.
  const first = ["firstCreatedAt", "firstExpiresAt", "firstBody"] as const;
  const records = await Promise.all(ids.map((id) => redis.hmget(keys.ticket(id), ...fields, ...first)));
  return records.map(([digest, createdAt, expiresAt, tries, body, firstCreatedAt, firstExpiresAt, firstBody]) => {
    if (!digest) return undefined;
    return {
      digest,
      createdAt: Number(firstCreatedAt ?? createdAt),
      expiresAt: Number(firstExpiresAt ?? expiresAt),
      tries: Number(tries),
      // Only enqueue and changes write bodies.
      request: JSON.parse(firstBody ?? body ?? "{}") as TicketRequest,
    };
  });
};
