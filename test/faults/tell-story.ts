import type { History, Violation } from "./history.ts";
import type { Mark } from "./measure-recovery.ts";

/** Of each kind of fact, the newest so many: a player is in many tickets of a run. */
const FACTS = 80;
/** Faults that began or ended within this time of what is told, ms. */
const AROUND_MS = 30_000;

/**
 * What a history holds of the tickets, matches and players that a violation names: events, what watchers saw, who was
 * without its connection and which faults there were, in the order of time; then calls, which have no times, and what was
 * left. So that a violation that comes once in a hundred runs can be understood from that one.
 */
export const tellStory = (
  { text }: Violation,
  { calls, seen, gone, events, left }: History,
  marks: readonly Mark[],
): string[] => {
  // Ids have a digit, or a prefix before "_"; words have neither.
  const ids = new Set(text.match(/[\w.-]*[\d_][\w.-]*/g));
  const isNamed = (fact: object) =>
    Object.values(fact)
      .flatMap((value) => (typeof value === "string" ? value.split(" ") : value))
      .some((value) => ids.has(value));
  const newest = <Fact extends object>(facts: readonly Fact[]) => facts.filter(isNamed).slice(-FACTS);
  // By Redis' clock, also those that name no time.
  const told = events.map(({ id, event }) => ({ ...event, at: Number.parseInt(id, 10) }));
  const timed = [
    ...newest(told).map(({ at, ...event }) => ({ at, what: "event", fact: event })),
    ...newest(seen).map((each) => ({ at: each.at, what: "seen", fact: each })),
    ...newest(gone).map((each) => ({ at: each.from, what: "without connection", fact: each })),
  ];
  const times = timed.map(({ at }) => at);
  const [first, last] = [Math.min(...times) - AROUND_MS, Math.max(...times) + AROUND_MS];
  const faults = marks
    .filter(({ at, overAt }) => overAt >= first && at <= last)
    .map((mark) => ({ at: mark.at, what: "fault", fact: mark }));
  return [
    ...[...timed, ...faults]
      .sort((a, b) => a.at - b.at)
      .map(({ at, what, fact }) => `${new Date(at).toISOString()} ${what} ${JSON.stringify(fact)}`),
    ...newest(calls).map((call) => `call ${JSON.stringify(call)}`),
    ...[...left.tickets, ...left.matches]
      .filter(([id]) => ids.has(id))
      .map(([, record]) => `left ${JSON.stringify(record)}`),
  ];
};
