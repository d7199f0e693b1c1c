import type { ExplainAnswer } from "@muster/core";

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

const limit = (name: string, value: number | undefined): string[] => (value === undefined ? [] : [`${name} ${value}`]);

const criteriaText = (criteria: ExplainAnswer["criteria"]): string => {
  const { eloSpread, pingSpreadMs, maxLatencyMs, maxDeltaPingMs, rules } = criteria;
  const parts = [
    ...limit("eloSpread", eloSpread),
    ...limit("pingSpreadMs", pingSpreadMs),
    ...limit("maxLatencyMs", maxLatencyMs),
    ...limit("maxDeltaPingMs", maxDeltaPingMs),
    ...rules.map(({ rule, max }) => (max === undefined ? rule : `${rule} ≤ ${max}`)),
  ];
  return parts.length > 0 ? parts.join(", ") : "anyone";
};

/** What the API answers of a ticket that waits, in sentences for a terminal. */
export const explanationLines = (answer: ExplainAnswer): string[] => {
  const { refusals, nearestMiss, nextWidening, estimatedWaitMs } = answer;
  const lines = [
    `Ticket ${answer.ticket} waits in ${answer.queue} for ${seconds(answer.waitedMs)}, after ${answer.tries} tries. It expires in ${seconds(answer.expiresInMs)}.`,
    `It accepts now: ${criteriaText(answer.criteria)}.`,
    `Of ${answer.candidates} others that wait near it, ${answer.compatible} and it accept each other.`,
    ...refusals.map(
      ({ rule, all, byOwn, byTheirs }) => `  ${rule} refuses ${all} (this ticket ${byOwn}, the others ${byTheirs})`,
    ),
  ];
  if (nearestMiss) {
    const why = nearestMiss.refusals.map(({ rule, by }) => (by === undefined ? rule : `${rule} by ${by}`)).join(", ");
    const when = nearestMiss.passes
      ? `it will be accepted in ${seconds(nearestMiss.passes.inMs)}`
      : "not before one of them expires";
    lines.push(`Nearest miss: ${nearestMiss.ticket}, refused for ${why}; ${when}.`);
  }
  lines.push(
    nextWidening
      ? `Widens in ${seconds(nextWidening.inMs)}, at try ${nextWidening.atTry}: ${criteriaText(nextWidening.criteria)}.`
      : "It accepts the most that it ever will.",
  );
  lines.push(`Estimated wait in this queue: ${estimatedWaitMs === null ? "not known yet" : seconds(estimatedWaitMs)}.`);
  return lines;
};
