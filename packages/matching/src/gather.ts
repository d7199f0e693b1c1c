import type { WaitingTicket } from "@muster/core";
import { ascending } from "./ascending.ts";

/** A ticket that waits, and whether it is one that must be served. */
export interface Waiting {
  readonly ticket: WaitingTicket;
  readonly served: boolean;
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
  const createdAt = Float64Array.from(all, (ticket) =>
    Number.isFinite(ticket.createdAt) ? ticket.createdAt : Infinity,
  );
  const order = ascending(createdAt, (a, b) => {
    const [one, other] = [all[a], all[b]];
    if (!one || !other) return 0;
    if (one.id !== other.id) return one.id < other.id ? -1 : 1;
    return other.version - one.version || Number(isServed(b)) - Number(isServed(a)) || other.tries - one.tries || a - b;
  });

  const gathered: Waiting[] = [];
  let best: WaitingTicket | undefined;
  let bestCreatedAt = 0;
  for (const index of order) {
    const ticket = all[index];
    if (!ticket) continue;
    // Ids are compared only where the times are equal: to compare texts is dear.
    if (best && bestCreatedAt === createdAt[index] && best.id === ticket.id) {
      if (isServed(index)) gathered[gathered.length - 1] = { ticket: best, served: true };
      continue;
    }
    gathered.push({ ticket, served: isServed(index) });
    best = ticket;
    bestCreatedAt = createdAt[index] ?? 0;
  }
  return gathered;
};
