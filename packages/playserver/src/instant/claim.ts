import { fits, type InstantEntry, MusterError } from "@muster/core";
import type { EnteredTicket, WaitingUser } from "@muster/store";
import type { InstantContext } from "./instant-context.ts";
import { mayMeet } from "./wait-list.ts";

/**
 * One user claims another. `session`: they are together, and both are told by their states. `taken`: nobody waits under the
 * alias for the likes of this user, whatever the reason is.
 *
 * @throws MusterError INVALID for a claim of oneself, NOT_COMPATIBLE where the server compares too
 */
export const claim = async (
  { queue, store, hub, feed, ids }: Pick<InstantContext, "queue" | "store" | "hub" | "feed" | "ids">,
  claimer: WaitingUser,
  alias: string,
): Promise<"session" | "taken"> => {
  if (alias === claimer.alias) {
    throw new MusterError("INVALID", "alias is your own: nobody is matched with themselves.", {
      faults: [{ field: "alias", message: "is your own" }],
    });
  }
  const claimed = hub.find(alias);
  if (!claimed || !mayMeet(claimer, claimed, store.clock.now())) return "taken";
  if (queue.instant.verify && !fits(claimer, claimed)) {
    throw new MusterError(
      "NOT_COMPATIBLE",
      "One of you doesn't fit the other's preferences: compare both ways before a claim.",
    );
  }
  const session = { id: ids.match(), room: claimed.room, secret: ids.token() };
  const outcome = await store.instant.claim(queue, claimer, claimed, session);
  if (outcome.outcome === "session") {
    // The claimed one's own playserver tells this too, unless it just died.
    feed.announce({ gone: [claimer.alias, alias] });
    return "session";
  }
  if (outcome.who === "claimed") hub.forget(alias);
  return "taken";
};

/** Two who wait for each other, and for nobody else, are together at once; the second of them finds the first. */
export const claimAgain = async (
  { queue, store, ids }: Pick<InstantContext, "queue" | "store" | "ids">,
  one: WaitingUser,
  partner: string,
): Promise<boolean> => {
  const { state, ticket = "", queue: name } = await store.readPlayer(partner);
  if (state !== "inqueue" || name !== queue.name) return false;
  const [other] = await store.instant.waiting([ticket]);
  if (!other || other.again !== one.again) return false;
  const session = { id: ids.match(), room: other.room, secret: ids.token() };
  const outcome = await store.instant.claim(queue, one, other, session);
  return outcome.outcome === "session";
};

export const toWaiting = (
  user: string,
  { id, version, createdAt }: EnteredTicket,
  entry: InstantEntry,
): WaitingUser => ({
  ...{ user, ticket: id, version, since: createdAt, ...entry },
});
