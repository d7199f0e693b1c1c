import type { InstantEntry } from "@muster/core";

/** Somebody who waits for an instant match, as playservers tell each other. Never sent to a client as it is. */
export interface WaitingUser extends InstantEntry {
  readonly user: string;
  readonly ticket: string;
  /** Of its ticket: new with each request and change, as the alias is. */
  readonly version: number;
  /** When its ticket began to wait, ms since the epoch. */
  readonly since: number;
}
