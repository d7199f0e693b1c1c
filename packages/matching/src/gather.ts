import type { WaitingTicket } from "@muster/core";
import { ascending } from "./ascending.ts";

/** Tickets that wait. */
export interface Waiting {
  readonly tickets: readonly WaitingTicket[];
  /** For each of them, 1 if it is one that must be served, or 0. */
  readonly served: Uint8Array;
}

/**
 * The tickets to serve and the candidates as one list, each ticket once, oldest first; of one time, by id.
 *
 * A ticket that comes several times is served if any copy is. Its highest version is kept; of equal versions the copy
 * from `serve`, then the one with more tries. Copies are told by their id and the time of their creation, which never
 * changes: so the sort by age brings them together, and no table of all ids is needed.
 */
export const gather = (serve: readonly WaitingTicket[], candidates: readonly WaitingTicket[]): Waiting => {
  const all = candidates.length === 0 ? serve : [...serve, ...candidates];
  if (all === serve && areInOrder(serve)) return { tickets: serve, served: new Uint8Array(serve.length).fill(1) };
  const served = serve.length;
  // A time that is no number is sorted out later (see `separateUnfit`), but must not upset the order of the others.
  const createdAt = new Float64Array(all.length);
  for (let index = 0; index < all.length; index++) {
    const at = all[index]?.createdAt ?? Infinity;
    createdAt[index] = Number.isFinite(at) ? at : Infinity;
  }
  let hasCopies = false;
  const order = ascending(createdAt, (a, b) => {
    const [one, other] = [all[a], all[b]];
    if (!one || !other) return 0;
    const byId = compareText(one.id, other.id);
    if (byId !== 0) return byId;
    hasCopies = true;
    return other.version - one.version || Number(b < served) - Number(a < served) || other.tries - one.tries || a - b;
  });

  const tickets: WaitingTicket[] = [];
  const isServed = new Uint8Array(all.length);
  for (let place = 0; place < order.length; place++) {
    const index = order[place] ?? 0;
    const ticket = all[index];
    if (!ticket) continue;
    if (hasCopies && tickets[tickets.length - 1]?.id === ticket.id) {
      if (index < served) isServed[tickets.length - 1] = 1;
      continue;
    }
    if (index < served) isServed[tickets.length] = 1;
    tickets.push(ticket);
  }
  return { tickets, served: isServed.subarray(0, tickets.length) };
};

/** Whether each ticket stands behind an older one already, or one of its time and a lower id; so there are no copies. */
const areInOrder = (tickets: readonly WaitingTicket[]): boolean => {
  let last: WaitingTicket | undefined;
  let lastAt = -Infinity;
  for (let index = 0; index < tickets.length; index++) {
    const ticket = tickets[index];
    const at = ticket?.createdAt ?? Infinity;
    // Not `at < lastAt`: a time that is no number is in no order.
    if (!ticket || !Number.isFinite(at) || !(at >= lastAt)) return false;
    if (at === lastAt && last && compareText(last.id, ticket.id) >= 0) return false;
    last = ticket;
    lastAt = at;
  }
  return true;
};

/** As `<` orders them. Most ids differ in their first letters, and a call into the runtime costs more than those. */
const compareText = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = a.charCodeAt(index) - b.charCodeAt(index);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
};
