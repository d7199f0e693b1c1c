import type { InstantEntry, InstantQueue } from "@muster/core";
import type { StoreContext } from "../context.ts";
import type { Replication } from "../redis/replication.ts";
import { orUnavailable } from "../redis/store-errors.ts";
import { type Claimant, type ClaimOutcome, claimPair, type NewSession } from "./claim-pair.ts";
import { type EnterOutcome, enterInstant } from "./enter-instant.ts";
import { readPartners } from "./read-partners.ts";
import { readWaiting, readWaitingTickets } from "./read-waiting.ts";
import type { WaitingUser } from "./waiting-user.ts";

/** What instant matching does in Redis besides what it shares with the queues. Throws as Store does. */
export interface InstantStore {
  /** Has a user wait, or wait with another entry. See enter-instant.ts. */
  enter(queue: InstantQueue, user: string, id: string, entry: InstantEntry): Promise<EnterOutcome>;
  /** Makes a session of two who wait, if both still do. */
  claim(queue: InstantQueue, claimer: Claimant, claimed: Claimant, session: NewSession): Promise<ClaimOutcome>;
  /** With whom a user was matched last, by the ms until which it avoids them; empty when that was too long ago. */
  partners(user: string): Promise<Record<string, number>>;
  /** Ticket → version of all who wait and are there. */
  waitingTickets(): Promise<Map<string, number>>;
  /** Those of these tickets whose users wait and are there, the longest waiting first. */
  waiting(tickets: readonly string[]): Promise<WaitingUser[]>;
}

/** @param replication absent: what was written need not have reached a replica */
export const createInstantStore = (
  context: StoreContext,
  replication?: Pick<Replication, "confirmed">,
): InstantStore => {
  const lasting = <Result>(work: () => Promise<Result>) =>
    orUnavailable(() => (replication ? replication.confirmed(work) : work()));
  return {
    enter: (...args) => lasting(() => enterInstant(context, ...args)),
    claim: (...args) => lasting(() => claimPair(context, ...args)),
    partners: (user) => orUnavailable(() => readPartners(context, user)),
    waitingTickets: () => orUnavailable(() => readWaitingTickets(context)),
    waiting: (tickets) => orUnavailable(() => readWaiting(context, tickets)),
  };
};
