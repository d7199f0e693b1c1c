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
    ...refusals.map(refusalLine),
    ...openLines(answer),
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

const refusalLine = ({ rule, all, byOwn, byTheirs, later }: ExplainAnswer["refusals"][number]): string => {
  const then = later.map(({ atTry, all }) => `${all} at try ${atTry}`).join(", ");
  return `  ${rule} refuses ${all} (this ticket ${byOwn}, the others ${byTheirs})${then ? `; still ${then}` : ""}`;
};

const partyText = ({ players: { own } }: ExplainAnswer): string => (own > 1 ? `, a party of ${own},` : "");

/** For matches of more than two players. */
const teamLines = ({ players, teams, partySizes = [] }: ExplainAnswer): string[] => [
  ...(players.needed > 2
    ? [`A match needs ${players.needed} players; with it there are ${players.own + players.compatible}.`]
    : []),
  ...(players.needed > 2 && teams ? [teamText(teams, players.needed)] : []),
  ...partySizes.map(
    ({ size, candidates, compatible }) =>
      `  ${size === 1 ? "solo players" : `parties of ${size}`}: ${compatible} of ${candidates}`,
  ),
];

const teamText = ({ found, players, blockedBy }: NonNullable<ExplainAnswer["teams"]>, needed: number): string => {
  if (found) return "A match is found around it now: the next search makes it, unless somebody in it is taken before.";
  if (blockedBy.length > 0) return `It would have a match now, but for ${blockedBy.join(", or but for ")}.`;
  return players < needed
    ? `At most ${players} of these players are found who also accept one another.`
    : "There are players enough who accept one another, but more than one thing keeps them from teams.";
};

const openLines = ({ openMatches }: ExplainAnswer): string[] => {
  if (!openMatches) return [];
  const { seen, accepting, refusals } = openMatches;
  return [
    `Of ${seen} matches that look for players it could join ${accepting}.`,
    ...refusals.map(({ rule, all }) => `  ${rule} keeps it out of ${all}`),
  ];
};
