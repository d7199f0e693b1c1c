import type { TicketRequest } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { parseAccepted, unpackRequest } from "./ticket-record.ts";

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
  const texts = await Promise.all(ids.map((id) => redis.hget(keys.ticket(id), "in")));
  return texts.map((text) => {
    const accepted = parseAccepted(text ?? "");
    if (accepted?.digest === undefined) return undefined;
    const { digest, createdAt, expiresAt, tries, request } = accepted;
    return { digest, createdAt, expiresAt, tries, request: unpackRequest(request) };
  });
};
