import type { Match } from "@muster/core";
import { done, type History, type Violation, violation } from "./history.ts";
import { everyone, stateIn } from "./players-in.ts";

/** A match begins when all have accepted it, is off when one has declined or was silent, and tells which. */
export const checkReadyChecks = ({ queues, calls, left }: History): Violation[] => {
  const find = (text: string) => violation("wrong outcome of a ready check", text);
  const mayHave = new Set(
    calls.flatMap(({ call, match, players: [player], outcome }) =>
      outcome === "refused" ? [] : [`${call} ${match} ${player}`],
    ),
  );
  const asked = [...left.matches.values()].filter(({ queue }) => queues.get(queue)?.readyCheck);
  return [
    ...done(calls, "decline").flatMap(({ match = "", players: [player = ""] }) => {
      const found = left.matches.get(match);
      const ticket = found && everyone(found).find(({ id }) => id === player)?.ticket;
      const { status, reason } = left.tickets.get(ticket ?? "") ?? {};
      if (found?.dissolved === "declined" && status === "cancelled" && reason === "declined") return [];
      const truth = `${found?.state} (${found?.dissolved}), its ticket ${status} (${reason})`;
      return [find(`${player} declined ${match}, which is ${truth}`)];
    }),
    ...asked.flatMap((match) => {
      const reason = reasonAgainst(match, mayHave);
      return reason === undefined ? [] : [find(`${match.id} ${reason}`)];
    }),
  ];
};

/**
 * @param mayHave what was called and not refused, as `accept <match> <player>`
 * @returns what it says of itself that isn't so; undefined when its players' answers make it what it is
 */
const reasonAgainst = (match: Match, mayHave: ReadonlySet<string>): string | undefined => {
  const may = (call: "accept" | "decline", player: string) => mayHave.has(`${call} ${match.id} ${player}`);
  const players = everyone(match).map(({ id }) => id);
  const accepted = players.filter((player) => stateIn(match, player).accept);
  const unasked = accepted.find((player) => !may("accept", player));
  if (unasked !== undefined) return `was accepted by ${unasked}, who never did`;
  if (match.startedAt !== undefined) {
    return accepted.length === players.length ? undefined : `began when only ${accepted} of ${players} had accepted`;
  }
  if (match.dissolved === "declined") {
    const decliners = everyone(match).filter(({ declined }) => declined);
    if (decliners.length === 0) return "was declined, but doesn't know by whom";
    const uncalled = decliners.find(({ id }) => !may("decline", id));
    return uncalled && `was declined by ${uncalled.id}, who never did`;
  }
  if (match.dissolved === "silent") {
    return accepted.length < players.length ? undefined : "is off since somebody was silent, but all have accepted";
  }
  return undefined;
};
