import {
  type CriteriaNow,
  currentStep,
  type NextWidening,
  type Queue,
  type Rule,
  stepFor,
  type WaitingTicket,
} from "@muster/core";
import { compatible } from "./compatible.ts";
import { type Side, sideOf } from "./explain-refusals.ts";
import { ruleName } from "./rules/stance.ts";
import { isLive } from "./rules/values.ts";
import { wideningTries } from "./widening-tries.ts";

/** What a ticket of the queue accepts with so many effective tries, to be read by people. */
export const criteriaNow = (queue: Queue, { teams, players }: WaitingTicket, tries: number): CriteriaNow => {
  const { fromTry: _, afterMs: __, ...limits } = stepFor(queue, tries);
  const roles = players.flatMap((player) => (player.roles ? [[player.id, player.roles] as const] : []));
  return {
    ...limits,
    ...(teams && { teams }),
    ...(roles.length > 0 && { roles: Object.fromEntries(roles) }),
    rules: (queue.rules ?? [])
      .filter((rule) => isLive(queue, rule, tries))
      .map((rule) => ({ rule: ruleName(rule), ...limitsOf(queue, rule, tries) })),
  };
};

const limitsOf = (queue: Queue, rule: Rule, tries: number): Omit<CriteriaNow["rules"][number], "rule"> => {
  if (rule.kind === "distance") return { max: currentStep(queue, rule.steps, tries).max };
  if (rule.kind !== "teamSum") return {};
  const { min, max, maxGap, order } = rule;
  return {
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(maxGap !== undefined && { maxGap }),
    ...(order !== undefined && { order }),
  };
};

export const nextWidening = (queue: Queue, ticket: WaitingTicket, tries: number): NextWidening | null => {
  const atTry = wideningTries(queue).find((each) => each > tries);
  if (atTry === undefined) return null;
  return {
    atTry,
    inMs: (atTry - tries) * queue.retryEveryMs,
    criteria: criteriaNow(queue, ticket, atTry),
    dropped: (queue.rules ?? [])
      .filter((rule) => isLive(queue, rule, tries) && !isLive(queue, rule, atTry))
      .map(ruleName),
  };
};

/**
 * How many more tries it takes, of both at the same pace, until two tickets accept each other.
 *
 * @param own the sides of one's own ticket by how many tries more; filled as they are needed
 * @returns 0 when they do already; Infinity when they never will
 */
export const triesUntilCompatible = (
  queue: Queue,
  [ticket, tries]: readonly [WaitingTicket, tries: number],
  [other, otherTries]: readonly [WaitingTicket, tries: number],
  own: Map<number, Side>,
): number => {
  const acceptAfter = (more: number): boolean => {
    const mine = own.get(more) ?? sideOf(queue, ticket, tries + more);
    own.set(more, mine);
    return compatible(mine.comparable, sideOf(queue, other, otherTries + more).comparable);
  };
  const changes = wideningTries(queue)
    .flatMap((atTry) => [atTry - tries, atTry - otherTries])
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
