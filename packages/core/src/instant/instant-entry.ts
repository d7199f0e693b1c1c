import type { Ticket, TicketRequest } from "../ticket.ts";
import type { UserProfile } from "./compare.ts";

/**
 * What a request for an instant match keeps in its ticket's record, beside its one player. `alias` and `room` are random
 * and new with each request and each change of it, so an old alias names nobody.
 */
export interface InstantEntry extends UserProfile {
  readonly alias: string;
  readonly room: string;
  /** Users with whom it is not to be matched, its last partners when it asked for a rematch, by the ms until which. */
  readonly avoid?: Readonly<Record<string, number>>;
  /** The ended session whose other user it waits for, and nobody else: it is on no list. */
  readonly again?: string;
}

export type InstantTicketRequest = TicketRequest & { readonly instant: InstantEntry };

/** Its entry; undefined of a ticket of any other queue. The schema of HTTP requests lets no entry in. */
export const entryOf = (ticket: Ticket | TicketRequest): InstantEntry | undefined =>
  "instant" in ticket ? (ticket as InstantTicketRequest).instant : undefined;

/** Nobody has an elo in instant matching. */
export const INSTANT_ELO = 0;

export const toInstantRequest = (user: string, instant: InstantEntry): InstantTicketRequest => ({
  players: [{ id: user, elo: INSTANT_ELO }],
  instant,
});
