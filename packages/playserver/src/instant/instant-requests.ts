import {
  entryOf,
  type InstantEntry,
  type InstantStatus,
  leaveMatch,
  type Match,
  MusterError,
  type PlayerState,
  type UserProfile,
} from "@muster/core";
import type { WaitingUser } from "@muster/store";
import { toWaiting } from "./claim.ts";
import type { InstantContext } from "./instant-context.ts";
import { partnerIn } from "./read-session.ts";

/** What a user asks for about its own waiting. Each throws MusterError with what to do next. */

type Context = Pick<InstantContext, "queue" | "store" | "ids" | "feed" | "checkProfile">;

const FULL_RETRY_AFTER_S = 5;

export interface Entered {
  readonly waiting: WaitingUser;
  /** ms since the epoch */
  readonly expiresAt: number;
}

/** The user waits from now on, under a new alias, and all playservers are told. */
export const enter = async (
  { queue, store, ids, feed }: Context,
  user: string,
  profile: UserProfile & Pick<InstantEntry, "avoid" | "again">,
): Promise<Entered> => {
  const entry = { ...profile, alias: ids.token(), room: ids.token() };
  const outcome = await store.instant.enter(queue, user, ids.ticket(), entry);
  if (outcome.outcome === "busy") throw busy(user, outcome.state);
  if (outcome.outcome === "full") {
    throw new MusterError("OVERLOADED", "As many users wait for instant matches as may. Try again later.", {
      retryAfterS: FULL_RETRY_AFTER_S,
    });
  }
  const waiting = toWaiting(user, outcome.ticket, entry);
  feed.announce({ added: [waiting], ...(outcome.replaced && { gone: [outcome.replaced] }) });
  return { waiting, expiresAt: outcome.ticket.expiresAt };
};

/**
 * Leaves the session, if there is one, and waits again with the profile of before, not for the last partners.
 *
 * @param only the session that may be left. A request that is made once more after a lost connection leaves none that began
 * meanwhile. Absent: any
 */
export const rematch = async (context: Context, user: string, only?: string): Promise<Entered> => {
  const { store, queue } = context;
  const state = await store.readPlayer(user);
  const { profile } = await lastRequest(context, user, state);
  const inSession = state.state === "inmatch" && state.queue === queue.name;
  if (inSession && (only === undefined || only === state.match)) await leave(context, user, state);
  const avoid = await store.instant.partners(user);
  return enter(context, user, { ...profile, ...(Object.keys(avoid).length > 0 && { avoid }) });
};

/** As the user is told that it waits. */
export const toWaitingStatus = (
  { alias, room, ticket, again: session, user_data, user_preferences }: WaitingUser,
  expiresAt: number,
): InstantStatus => ({
  ...{ status: "WAITING", alias, random_room_string: room, ticket, expires_at: expiresAt },
  ...{ user_data, user_preferences },
  ...(session !== undefined && { again: session }),
});

/** Leaves the session, which ends it for both. @throws WRONG_STATE without one */
export const leave = async ({ store, queue }: Context, user: string, known?: PlayerState): Promise<void> => {
  const { state, queue: name, match = "" } = known ?? (await store.readPlayer(user));
  if (state !== "inmatch" || name !== queue.name) {
    throw new MusterError("WRONG_STATE", `${user} is in no session that could be left.`);
  }
  await store.changeMatch(
    match,
    () => queue,
    (_, current, now) => (current.state === "ended" ? undefined : leaveMatch(queue, current, user, now)),
  );
};

/** Waits for the other user of the session that ended, and for nobody else. */
export const again = async (
  context: Context,
  user: string,
): Promise<Entered & { partner: string; session: string }> => {
  const { store, queue, feed } = context;
  const state = await store.readPlayer(user);
  if (state.state === "inmatch" && state.queue === queue.name) {
    throw new MusterError("WRONG_STATE", "The session still runs. REQUEST_AGAIN is for when it has ended.");
  }
  const { profile, session } = await lastRequest(context, user, state);
  const match: Match | null = session === undefined ? null : await store.readMatch(session);
  const partner = match && partnerIn(match, user);
  if (!partner || session === undefined) {
    throw new MusterError("MATCH_NOT_FOUND", "No session of yours ended in the last hour. Send REQUEST_INSTANT_MATCH.");
  }
  const entered = await enter(context, user, { ...profile, again: session });
  feed.announce({ again: [{ user: partner.id, session }] });
  return { ...entered, partner: partner.id, session };
};

/** With what a user waited last, and for which session. */
const lastRequest = async (
  { store, checkProfile }: Context,
  user: string,
  { ticket: id }: PlayerState,
): Promise<{ profile: UserProfile; session: string | undefined }> => {
  const ticket = id === undefined ? null : await store.readTicket(id);
  const entry = ticket && entryOf(ticket);
  if (!entry) {
    throw new MusterError(
      "TICKET_NOT_FOUND",
      `No request of ${user} for an instant match is kept: that is so an hour after its end. Send REQUEST_INSTANT_MATCH.`,
    );
  }
  const { user_data, user_preferences, again: before } = entry;
  // The deployment's fields may have changed since.
  return { profile: checkProfile({ user_data, user_preferences }), session: ticket.match ?? before };
};

const busy = (id: string, { state, queue, ticket, match }: PlayerState): MusterError =>
  new MusterError(
    "PLAYER_BUSY",
    `${id} is ${state}${queue ? ` in queue "${queue}"` : ""}. A user can be in one queue or match at a time: cancel or leave that first.`,
    { busy: [{ id, state, ...(queue && { queue }), ...(ticket && { ticket }), ...(match && { match }) }] },
  );
