import { checkCalls } from "./check-calls.ts";
import { checkLives } from "./check-lives.ts";
import { checkMatches } from "./check-matches.ts";
import { checkReadyChecks } from "./check-ready-checks.ts";
import { checkWatchers } from "./check-watchers.ts";
import { type History, type Violation, violation } from "./history.ts";

/** Decides from a history alone what was broken. For a run at whose end nobody waits and nobody plays. */
export const checkHistory = (history: History): Violation[] => [
  ...checkCalls(history),
  ...checkMatches(history),
  ...checkReadyChecks(history),
  ...checkLives(history),
  ...checkWatchers(history),
  ...formerLeaders(history),
  ...history.left.inconsistencies.map((text) => violation("inconsistent", text)),
];

/** From when a mover took a partition's lease on, no other has committed there. */
const formerLeaders = ({ events }: History): Violation[] => {
  const leaders = new Map<string, string>();
  return events.flatMap(({ event, partition }) => {
    if (event.type === "led") leaders.set(partition, event.mover);
    if (event.type !== "matched" && event.type !== "joined") return [];
    const leader = leaders.get(partition);
    if (leader === undefined || event.mover === leader) return [];
    const text = `${event.mover} committed ${event.match} when ${leader} had taken the lease of ${partition}`;
    return [violation("commit by a former leader", text)];
  });
};
