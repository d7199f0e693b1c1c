import type { OpenMatch, OpenMatchesNow, Queue } from "@muster/core";
import { refusalsBetween, type Side, sideOf } from "./explain-refusals.ts";
import { openSeats, triesInMatch } from "./joins/open-seats.ts";
import { isPlacing, placeJoiner } from "./joins/place-joiner.ts";

/**
 * Says which of the matches that look for players a ticket could join, and why not the others.
 *
 * @param now in ms since the epoch
 */
export const explainOpenMatches = (
  queue: Queue,
  own: Side,
  open: readonly OpenMatch[],
  now: number,
): OpenMatchesNow => {
  const counts = new Map<string, number>();
  let accepting = 0;
  for (const match of open) {
    const placing = placeJoiner(queue, openSeats(queue, match, now), { ticket: own.ticket, ...own.comparable }, now);
    if (isPlacing(placing)) {
      accepting++;
      continue;
    }
    const rules = placing.flatMap((why) => (why === "member" ? rulesBetween(queue, own, match, now) : [why]));
    for (const rule of new Set(rules)) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }
  const refusals = [...counts]
    .map(([rule, all]) => ({ rule, all }))
    .sort((a, b) => b.all - a.all || (a.rule < b.rule ? -1 : 1));
  return { seen: open.length, accepting, refusals };
};

const rulesBetween = (queue: Queue, own: Side, match: OpenMatch, now: number): string[] =>
  match.teams.flatMap(({ tickets }) =>
    tickets.flatMap((ticket) =>
      refusalsBetween(queue, own, sideOf(queue, ticket, triesInMatch(queue, match, now)(ticket))).map(
        ({ rule }) => rule,
      ),
    ),
  );
