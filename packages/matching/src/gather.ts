import type { WaitingTicket } from "@muster/core";
import { ascending } from "./ascending.ts";

/** A ticket that waits, and whether it is one that must be served. */
export interface Waiting {
  readonly ticket: WaitingTicket;
  served: boolean;
}

/**
 * The tickets to serve and the candidates as one list, each ticket once, oldest first; of one time, by id.
 *
 * A ticket that comes several times is served if any copy is. Its highest version is kept; of equal versions the copy
 * from `serve`, then the one with more tries. Copies are told by their id and the time of their creation, which never
 * changes: so the sort by age brings them together, and no table of all ids is needed.
 */
export const gather = (serve: readonly WaitingTicket[], candidates: readonly WaitingTicket[]): Waiting[] => {
  const all = [...serve, ...candidates];
  const isServed = (index: number): boolean => index < serve.length;
  // A time that is no number is sorted out later (see `separateUnfit`), but must not upset the order of the others.
  const createdAt = new Float64Array(all.length);
  all.forEach((ticket, index) => {
    createdAt[index] = Number.isFinite(ticket.createdAt) ? ticket.createdAt : Infinity;
  });
  let hasCopies = false;
  const order = ascending(createdAt, (a, b) => {
    const [one, other] = [all[a], all[b]];
    if (!one || !other) return 0;
    if (one.id < other.id) return -1;
    if (one.id > other.id) return 1;
    hasCopies = true;
    return other.version - one.version || Number(isServed(b)) - Number(isServed(a)) || other.tries - one.tries || a - b;
  });

  const gathered: Waiting[] = [];
  for (const index of order) {
    const ticket = all[index];
    if (!ticket) continue;
    const last = gathered[gathered.length - 1];
    // No sort gets by without comparing neighbours, so it has met any copies; and to compare texts is dear.
    if (!hasCopies || last?.ticket.id !== ticket.id) gathered.push({ ticket, served: isServed(index) });
    else last.served ||= isServed(index);
  }
  return gathered;
};
