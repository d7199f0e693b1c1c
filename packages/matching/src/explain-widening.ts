import { type CriteriaNow, type NextWidening, type Queue, stepFor, type WaitingTicket } from "@muster/core";
import { compatible } from "./compatible.ts";
import { type Side, sideOf } from "./explain-refusals.ts";
import { ruleName } from "./rules/stance.ts";
import { isLive } from "./rules/values.ts";

/** What a ticket of the queue accepts with so many tries, to be read by people. */
export const criteriaNow = (queue: Queue, tries: number): CriteriaNow => {
  const { fromTry: _, ...limits } = stepFor(queue, tries);
  const rules = (queue.rules ?? [])
    .filter((rule) => isLive(rule, tries))
    .map((rule) => {
      const max = rule.kind === "distance" ? rule.steps.findLast(({ fromTry }) => fromTry <= tries)?.max : undefined;
      return { rule: ruleName(rule), ...(max !== undefined && { max }) };
    });
  return { ...limits, rules };
};

export const nextWidening = (queue: Queue, tries: number): NextWidening | null => {
  const atTry = wideningTries(queue).find((each) => each > tries);
  if (atTry === undefined) return null;
  return {
    atTry,
    inMs: (atTry - tries) * queue.retryEveryMs,
    criteria: criteriaNow(queue, atTry),
    dropped: (queue.rules ?? []).filter((rule) => isLive(rule, tries) && !isLive(rule, atTry)).map(ruleName),
  };
};

/**
 * How many more tries it takes, of both at the same pace, until two tickets accept each other.
 *
 * @param own the sides of one's own ticket by tries; filled as they are needed
 * @returns 0 when they do already; Infinity when they never will
 */
export const triesUntilCompatible = (
  queue: Queue,
  ticket: WaitingTicket,
  other: WaitingTicket,
  own: Map<number, Side>,
): number => {
  const acceptAfter = (more: number): boolean => {
    const tries = ticket.tries + more;
    const mine = own.get(tries) ?? sideOf(queue, ticket, tries);
    own.set(tries, mine);
    return compatible(mine.comparable, sideOf(queue, other, other.tries + more).comparable);
  };
  const changes = wideningTries(queue)
    .flatMap((atTry) => [atTry - ticket.tries, atTry - other.tries])
    .filter((more) => more > 0)
    .sort((a, b) => a - b);
  // Criteria never narrow, so the first that suffices can be found by halving.
  let [from, to] = [0, changes.length];
  if (acceptAfter(0)) return 0;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (acceptAfter(changes[middle] ?? 0)) to = middle;
    else from = middle + 1;
  }
  return changes[from] ?? Infinity;
};

/** The tries at which a ticket of the queue accepts more than before, ascending. */
const wideningTries = (queue: Queue): number[] => {
  const atTries = queue.steps.slice(1).map(({ fromTry }) => fromTry);
  for (const rule of queue.rules ?? []) {
    if (rule.untilTry !== undefined) atTries.push(rule.untilTry);
    if (rule.kind !== "distance") continue;
    for (const { fromTry } of rule.steps.slice(1)) if (isLive(rule, fromTry)) atTries.push(fromTry);
  }
  return [...new Set(atTries)].sort((a, b) => a - b);
};
