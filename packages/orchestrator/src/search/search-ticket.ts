import type { Neighbour } from "@muster/matching";

/** A ticket that a search must serve, as a job carries it. */
export interface SearchTicket extends Neighbour {
  readonly packed: string;
}
