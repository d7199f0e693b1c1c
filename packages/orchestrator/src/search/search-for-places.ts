import { effectiveTries, isInstant, type Match, ticketElo } from "@muster/core";
import { unpackTicket } from "@muster/store";
import type { OperationContext } from "../context.ts";
import { widestRange } from "./widest-range.ts";

/** Of those who wait, so many of the nearest are searched for per open place: rules and pings refuse some. */
const ASKED_PER_PLACE = 4;
/** As many as share a range: one read, and one part of a job. */
const MOST_ASKED = 100;

/**
 * Has who waits near a match with open places searched for at once: they would wait until they are looked after again, and
 * the match with them.
 */
export const searchForPlaces = async (
  { store, searches, queues }: Pick<OperationContext, "store" | "searches" | "queues">,
  { queue: name, state, teams }: Match,
): Promise<void> => {
  const queue = queues.get(name);
  const players = teams.flatMap((team) => team.players);
  const places = teams.reduce((sum, { open = 0 }) => sum + open, 0);
  if (!queue || isInstant(queue) || state !== "open" || places === 0 || players.length === 0) return;
  const centre = ticketElo(players);
  const limit = Math.min(MOST_ASKED, ASKED_PER_PLACE * places);
  const range = await store.readRange(queue.name, widestRange(queue, centre, limit));
  const now = store.clock.now();
  const near = range.map((packed) => ({ packed, ...unpackTicket(packed) }));
  near.sort((a, b) => Math.abs(a.elo - centre) - Math.abs(b.elo - centre));
  for (const { packed, elo, ...ticket } of near.slice(0, limit)) {
    searches.add(queue, { elo, tries: effectiveTries(queue, ticket, now), packed, packedAt: now, since: now });
  }
};
