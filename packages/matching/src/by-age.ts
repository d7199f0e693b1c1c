import { codeUnitAt, type WaitingTicket } from "@muster/core";
import { ascending } from "./ascending.ts";
import type { Roster } from "./roster.ts";

/** Oldest first. The id makes the order total, so that equal input gives equal matches. */
export const byAge = (a: Aged, b: Aged): number => a.createdAt - b.createdAt || compareText(a.id, b.id);

type Aged = Pick<WaitingTicket, "id" | "createdAt">;

/**
 * The indexes of a roster's tickets, oldest first; of one time, by id. A ticket that comes several times is there once,
 * and is served if any copy is: then its highest version is kept; of equal versions the copy that is served, then the one
 * with more tries. Copies are told by their id and the time of their creation, which never changes: so the sort by age
 * brings them together, and no table of all ids is needed.
 *
 * @param roster a copy that is kept is marked as served there if another was
 */
export const oldestFirst = ({ tickets, createdAt, served, tries }: Roster): Uint32Array => {
  let hasCopies = false;
  const order = ascending(createdAt, (a, b) => {
    const [one, other] = [tickets[a], tickets[b]];
    if (one === undefined || other === undefined) return 0;
    const byId = compareText(one.id, other.id);
    if (byId !== 0) return byId;
    hasCopies = true;
    const byTries = (tries[b] ?? 0) - (tries[a] ?? 0);
    return other.version - one.version || (served[b] ?? 0) - (served[a] ?? 0) || byTries || a - b;
  });
  if (!hasCopies) return order;
  const isCopy = (index: number, of: number): boolean =>
    createdAt[index] === createdAt[of] && tickets[index]?.id === tickets[of]?.id;
  let kept = 0;
  for (const index of order) {
    const last = order[kept - 1];
    if (last !== undefined && isCopy(index, last)) {
      if (served[index] === 1) served[last] = 1;
    } else {
      order[kept] = index;
      kept++;
    }
  }
  return order.subarray(0, kept);
};

/** As `<` orders them. Most ids differ in their first letters, and a call into the runtime costs more than those. */
const compareText = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = codeUnitAt(a, index) - codeUnitAt(b, index);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
};
