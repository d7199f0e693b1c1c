import { entryOf, type InstantSession, type Match, playersOf } from "@muster/core";
import type { InstantContext } from "./instant-context.ts";

/** The other user of a session, also of one that it or the other has left; undefined for a match without this user. */
export const partnerIn = (match: Match, user: string): { id: string; ticket: string } | undefined => {
  const all = [...playersOf(match), ...(match.left ?? [])];
  return all.some(({ id }) => id === user) ? all.find(({ id }) => id !== user) : undefined;
};

/** A session as one of its users is told it; undefined when it is no session of this user, or over and forgotten. */
export const readSession = async (
  { store }: Pick<InstantContext, "store">,
  id: string,
  user: string,
): Promise<InstantSession | undefined> => {
  const match = await store.readMatch(id);
  const partner = match && partnerIn(match, user);
  if (!partner || !match.instant) return undefined;
  const ticket = await store.readTicket(partner.ticket);
  const { user_data = {}, user_preferences = {} } = (ticket && entryOf(ticket)) ?? {};
  return {
    status: "SESSION",
    session: id,
    random_room_string: match.instant.room,
    secret: match.instant.secret,
    partner: { user_id: partner.id, user_preferences, user_data },
    ends_at: match.endsAt,
  };
};
