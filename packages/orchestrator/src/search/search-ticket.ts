import type { Neighbour } from "@muster/matching";

/** A ticket that a search must serve, as a job carries it. */
export interface SearchTicket extends Neighbour {
  readonly packed: string;
  /** When it was as it is packed, ms since the epoch. */
  readonly packedAt: number;
  /** When it began to wait for this search, ms since the epoch: the oldest are handed out first. */
  readonly since: number;
}
