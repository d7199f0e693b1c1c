import type { WaitingTicket } from "@muster/core";
import { ascending } from "./ascending.ts";

/** A ticket that waits, and whether it is one that must be served. */
export interface Waiting {
  readonly ticket: WaitingTicket;
  readonly served: boolean;
}

/**
 * The tickets to serve and the candidates as one list, each ticket once, oldest first.
 *
 * A ticket that comes several times is served if any copy is. Its highest version is kept; of equal versions the copy
 * from `serve`, then the one with more tries. Copies are told by their id and the time of their creation, which never
 * changes: so the sort by age brings them together, and no table of all ids is needed.
 */
export const gather = (serve: readonly WaitingTicket[], candidates: readonly WaitingTicket[]): Waiting[] => {
  const all: Waiting[] = [];
  for (const ticket of serve) all.push({ ticket, served: true });
  for (const ticket of candidates) all.push({ ticket, served: false });

  const createdAt = new Float64Array(all.length);
  all.forEach(({ ticket }, index) => {
    createdAt[index] = ticket.createdAt;
  });
  const order = ascending(createdAt);
  const gathered: Waiting[] = [];
  let sameTime: Waiting[] = [];
  order.forEach((index, place) => {
    const each = all[index];
    const next = order[place + 1];
    if (!each) return;
    const isLast = next === undefined || createdAt[next] !== createdAt[index];
    // Who shares no millisecond with others needs no closer look.
    if (isLast && sameTime.length === 0) {
      gathered.push(each);
      return;
    }
    sameTime.push(each);
    if (!isLast) return;
    for (const one of eachOnce(sameTime)) gathered.push(one);
    sameTime = [];
  });
  return gathered;
};

/** By id, each ticket once. */
const eachOnce = (waiting: Waiting[]): Waiting[] => {
  const once: Waiting[] = [];
  for (const each of waiting.sort(byIdBestFirst)) {
    const kept = once.at(-1);
    if (kept?.ticket.id !== each.ticket.id) once.push(each);
    else if (each.served && !kept.served) once[once.length - 1] = { ticket: kept.ticket, served: true };
  }
  return once;
};

const byIdBestFirst = (a: Waiting, b: Waiting): number => {
  if (a.ticket.id !== b.ticket.id) return a.ticket.id < b.ticket.id ? -1 : 1;
  return b.ticket.version - a.ticket.version || Number(b.served) - Number(a.served) || b.ticket.tries - a.ticket.tries;
};
