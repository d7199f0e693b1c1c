import { fits, type InstantEntry, isRetryable, MusterError } from "@muster/core";
import type { EnteredTicket, WaitingUser } from "@muster/store";
import type { InstantContext } from "./instant-context.ts";
import { mayMeet } from "./wait-list.ts";

const AGAIN_RETRY_MS = 1_000;

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

/**
 * Two who wait for each other, and for nobody else, are together at once; the second of them finds the first. While Redis
 * can't be used it is tried again: the first one has tried, and will not once more.
 *
 * @param waits whether the second still does
 */
export const claimAgain = async (
  context: Pick<InstantContext, "queue" | "store" | "ids">,
  one: WaitingUser,
  partner: string,
  waits: () => boolean,
): Promise<void> => {
  while (waits()) {
    try {
      return await claimPartner(context, one, partner);
    } catch (error) {
      if (!isRetryable(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_RETRY_MS).unref());
    }
  }
};

const claimPartner = async (
  { queue, store, ids }: Pick<InstantContext, "queue" | "store" | "ids">,
  one: WaitingUser,
  partner: string,
): Promise<void> => {
  const { state, ticket = "", queue: name } = await store.readPlayer(partner);
  if (state !== "inqueue" || name !== queue.name) return;
  const [other] = await store.instant.waiting([ticket]);
  if (!other || other.again !== one.again) return;
  const session = { id: ids.match(), room: other.room, secret: ids.token() };
  await store.instant.claim(queue, one, other, session);
};

export const toWaiting = (
  user: string,
  { id, version, createdAt }: EnteredTicket,
  entry: InstantEntry,
): WaitingUser => ({
  ...{ user, ticket: id, version, since: createdAt, ...entry },
});
