import { type Static, Type } from "typebox";
import { Id } from "../ids.ts";
import type { InstantError, InstantStatus, WaitlistEntry } from "./instant-status.ts";

/** Frames of `WS /v1/instant`: JSON `{event, data}` both ways. */

const Alias = Type.String({ pattern: "^[A-Za-z0-9]{1,64}$", description: "The alias of somebody who waits." });
const user = Id("Who this is. A connection is for one user.");
const known = Type.Object(
  { user_id: Type.Optional(user) },
  {
    additionalProperties: false,
    description: "user_id is needed only on a connection that has not named its user.",
    examples: [{}, { user_id: "ann" }],
  },
);
const session = Id("A session, as the client was told it.");

/** What each event's data must be. Profiles are checked against the deployment's fields besides. */
export const INSTANT_REQUESTS = {
  /** Waits for a match; when it waits already, with other preferences and a new alias. */
  REQUEST_INSTANT_MATCH: Type.Object(
    { user_id: user, user_preferences: Type.Unknown(), user_data: Type.Unknown() },
    { additionalProperties: false, examples: [{ user_id: "ann", user_data: {}, user_preferences: {} }] },
  ),
  /** Claims the user with this alias. */
  INSTANT_MATCH: Type.Object({ alias: Alias }, { additionalProperties: false, examples: [{ alias: "x7Kq2" }] }),
  /** Waits no more. */
  CANCEL_INSTANT_MATCH: known,
  /** Leaves the session, which ends it. */
  LEAVE_INSTANT_MATCH: known,
  /**
   * Names the connection's user, and asks for nothing. With the session that the client knows of: it is told again only if
   * it is another one by now, and its end if it is over.
   */
  HELLO_INSTANT_MATCH: Type.Object(
    { user_id: user, session: Type.Optional(session) },
    { additionalProperties: false, examples: [{ user_id: "ann", session: "m_GytPqe89JEMENCCBaSrz" }] },
  ),
  /** Leaves the session if there is one, or only this one, and waits again with the same profile, not for its last partners. */
  REQUEST_REMATCH: Type.Object(
    { ...known.properties, session: Type.Optional(session) },
    { additionalProperties: false, examples: [{ session: "m_GytPqe89JEMENCCBaSrz" }] },
  ),
  /** Waits for the other user of the session that ended, and for nobody else. */
  REQUEST_AGAIN: known,
} as const;
export type InstantRequestName = keyof typeof INSTANT_REQUESTS;
export type InstantRequest = {
  [Name in InstantRequestName]: { event: Name; data: Static<(typeof INSTANT_REQUESTS)[Name]> };
}[InstantRequestName];

export const WAITLIST_EVENT = "INSTANT_MATCH_WAITLIST";
export const ERROR_EVENT = "ERROR";
/** The event of a user's own channel. */
export const channelOf = (user: string): `INSTANT_MATCH_${string}` => `INSTANT_MATCH_${user}`;

/** What the server sends. */
export type InstantReply =
  | { readonly event: typeof WAITLIST_EVENT; readonly data: readonly WaitlistEntry[] }
  | { readonly event: typeof ERROR_EVENT; readonly data: InstantError }
  | { readonly event: `INSTANT_MATCH_${string}`; readonly data: InstantStatus };
