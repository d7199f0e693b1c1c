import { type Queue, stepFor } from "@muster/core";
import type { Neighbourhood } from "@muster/matching";
import type { SearchTicket } from "./search-ticket.ts";

/** The elos of all whom a ticket around this elo may ever accept, to read so many of them, the nearest first. */
export const widestRange = (queue: Queue, centre: number, limit: number): Neighbourhood<SearchTicket>["range"] => {
  const spread = stepFor(queue, Infinity).eloSpread ?? Infinity;
  return { low: centre - spread, high: centre + spread, centre, limit };
};
