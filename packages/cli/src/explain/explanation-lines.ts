import type { ExplainAnswer } from "@muster/core";
import { criteriaText } from "./criteria-text.ts";

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** What the API answers of a ticket that waits, in sentences for a terminal. */
export const explanationLines = (answer: ExplainAnswer): string[] => {
  const { refusals, nearestMiss, nextWidening, estimatedWaitMs } = answer;
  const lines = [
    `Ticket ${answer.ticket}${partyText(answer)} waits in ${answer.queue} for ${seconds(answer.waitedMs)}, after ${answer.tries} tries. It expires in ${seconds(answer.expiresInMs)}.`,
    ...(answer.away ? [`Away: ${answer.away.join(", ")}. No search sees it until everyone is back.`] : []),
    `It accepts now: ${criteriaText(answer.criteria)}.`,
    `Of ${answer.candidates} others that wait near it, ${answer.compatible} and it accept each other.`,
    ...teamLines(answer),
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
  lines.push(
    estimatedWaitMs === null
      ? "How much longer it will wait is not known: too few were matched lately, or nearly all sooner."
      : `It will wait for about ${seconds(estimatedWaitMs)} more, as those did lately who had waited so long.`,
  );
  return lines;
};

const partyText = ({ players: { own } }: ExplainAnswer): string => (own > 1 ? `, a party of ${own},` : "");

/** For matches of more than two players. */
const teamLines = ({ players, partySizes = [] }: ExplainAnswer): string[] => [
  ...(players.needed > 2
    ? [`A match needs ${players.needed} players; with it there are ${players.own + players.compatible}.`]
    : []),
  ...partySizes.map(
    ({ size, candidates, compatible }) =>
      `  ${size === 1 ? "solo players" : `parties of ${size}`}: ${compatible} of ${candidates}`,
  ),
];
