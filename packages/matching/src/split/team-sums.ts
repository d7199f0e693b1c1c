import type { TeamSumRule, WaitingTicket } from "@muster/core";
import { attributeOf } from "../rules/values.ts";

/**
 * By how much teams break a rule about their sums, in the attribute's unit: 0 when they keep it, Infinity when a player
 * without the number makes it impossible.
 *
 * @param teams the tickets of each team, in the order of the queue's definition
 */
export const sumViolation = (rule: TeamSumRule, teams: readonly (readonly WaitingTicket[])[]): number => {
  const sums = teams.map((tickets) => sumOf(rule, tickets));
  if (sums.includes(Number.NaN)) return Infinity;
  const { min = -Infinity, max = Infinity, maxGap = Infinity, order } = rule;
  let violation = Math.max(0, Math.max(...sums) - Math.min(...sums) - maxGap);
  for (const [index, sum] of sums.entries()) {
    violation += Math.max(0, min - sum) + Math.max(0, sum - max);
    const step = sum - (sums[index - 1] ?? sum);
    if (order === "rising") violation += Math.max(0, -step);
    if (order === "falling") violation += Math.max(0, step);
  }
  return violation;
};

/** NaN: a player has no number, and the rule refuses those. */
const sumOf = ({ attribute, missing }: TeamSumRule, tickets: readonly WaitingTicket[]): number => {
  let sum = 0;
  for (const { players } of tickets) {
    for (const player of players) {
      const value = attributeOf(player, attribute);
      if (typeof value === "number") sum += value;
      else if (missing === "refuse") return Number.NaN;
    }
  }
  return sum;
};
