import { beginOf, endOf, type Queue } from "@muster/core";

/** The effective tries at which a ticket of the queue accepts more than before, ascending. */
export const wideningTries = (queue: Queue): number[] => {
  const atTries = queue.steps.slice(1).map((step) => beginOf(queue, step));
  for (const rule of queue.rules ?? []) {
    const end = endOf(queue, rule);
    if (end !== Infinity) atTries.push(end);
    if (rule.kind !== "distance") continue;
    atTries.push(
      ...rule.steps
        .slice(1)
        .map((step) => beginOf(queue, step))
        .filter((begin) => begin < end),
    );
  }
  return [...new Set(atTries)].sort((a, b) => a - b);
};
