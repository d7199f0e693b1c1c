import type { UserProfile } from "./compare.ts";

/** What the server says on `WS /v1/instant`, as types alone: the SDK ships them as they are. */

/** One who waits, as the others are told: nothing in it leads to the user. */
export interface WaitlistEntry extends UserProfile {
  readonly alias: string;
  readonly random_room_string: string;
}

/** A session, as each of its two users is told on its own channel. */
export interface InstantSession {
  readonly status: "SESSION";
  /** A match like any other: `GET /v1/matches/{session}`. */
  readonly session: string;
  /** Of the newcomer who was claimed; others who waited have seen it. */
  readonly random_room_string: string;
  /** Known to these two only. */
  readonly secret: string;
  readonly partner: { readonly user_id: string } & UserProfile;
  /** ms since the epoch */
  readonly ends_at: number;
}

/** Data of the event `INSTANT_MATCH_{USER_ID}`, a user's own channel. */
export type InstantStatus =
  /** With the user's own profile, as it waits with. */
  | ({
      readonly status: "WAITING";
      readonly alias: string;
      readonly random_room_string: string;
      readonly ticket: string;
      /** ms since the epoch */
      readonly expires_at: number;
      /** Only the other user of this ended session is waited for. */
      readonly again?: string;
    } & UserProfile)
  | InstantSession
  /** Somebody else was faster, or that user is gone. The claimer waits on. */
  | { readonly status: "TAKEN"; readonly alias: string }
  /** The request is over without a session. */
  | { readonly status: "CANCELLED" | "EXPIRED" }
  | { readonly status: "ENDED"; readonly session: string }
  /** The other user of an ended session would meet again: REQUEST_AGAIN accepts. */
  | { readonly status: "AGAIN_ASKED"; readonly session: string };

export interface InstantError {
  readonly code: string;
  readonly message: string;
  /** The event that was refused, when it could be told. */
  readonly event?: string;
  /** The alias that was claimed. */
  readonly alias?: string;
}
