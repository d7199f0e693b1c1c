import { type Call, done, type History, IN_MATCH, type Violation, violation } from "./history.ts";
import { everyone, stateIn } from "./players-in.ts";

/** What callers were told is true, and stays true; and what was refused left nothing. */
export const checkCalls = (history: History): Violation[] => [
  ...lostTickets(history),
  ...twoOutcomes(history),
  ...wrongCancels(history),
  ...noEffects(history),
  ...refusedEffects(history),
];

/** Every accepted enqueue ends as exactly one of matched, cancelled, expired; and nobody is stuck in one that wasn't. */
const lostTickets = ({ calls, left }: History): Violation[] => [
  ...done(calls, "enqueue").flatMap(({ ticket = "", players }) => {
    const found = left.tickets.get(ticket);
    if (!found) return [violation("success without effect", `ticket ${ticket} of ${players} is nowhere`)];
    const its = found.players.map(({ id }) => id);
    if (its.join() !== players.join()) {
      return [violation("success without effect", `ticket ${ticket} was answered to ${players}, and is of ${its}`)];
    }
    const { status } = found;
    const isOver = ["matched", "cancelled", "expired"].includes(status);
    return isOver ? [] : [violation("lost ticket", `ticket ${ticket} of ${players} is ${status} for good`)];
  }),
  ...[...left.players].flatMap(([player, { state }]) =>
    state === "idle" ? [] : [violation("lost ticket", `${player} is ${state} for good`)],
  ),
];

/** An enqueue and its repetitions, which have the same key, and apart all those without one. */
const byKey = (calls: readonly Call[]): Call[][] => [
  ...Map.groupBy(
    calls.filter(({ call }) => call === "enqueue"),
    (call) => call.key ?? call,
  ).values(),
];

const twoOutcomes = ({ calls }: History): Violation[] =>
  byKey(calls).flatMap((repeated) => {
    const tickets = new Set(done(repeated, "enqueue").map(({ ticket }) => ticket));
    if (tickets.size < 2) return [];
    return [violation("two outcomes of one call", `${repeated[0]?.key} was answered ${[...tickets].join(" and ")}`)];
  });

/** A cancel says cancelled, or matched with the match that has it, and that stays true. */
const wrongCancels = ({ calls, left }: History): Violation[] =>
  done(calls, "cancel").flatMap(({ ticket = "", said, match = "" }) => {
    const found = left.tickets.get(ticket);
    const its = left.matches.get(match);
    // What has become of the ticket by that match is for the rules about matches.
    const isIn = its !== undefined && everyone(its).some((each) => each.ticket === ticket);
    if (said === "matched" ? isIn : found?.status === said) return [];
    const truth = found ? `${found.status} ${found.match ?? ""}` : "nowhere";
    return [violation("wrong outcome of a cancel", `ticket ${ticket} was ${said} ${match}, and is ${truth}`)];
  });

const noEffects = ({ calls, left }: History): Violation[] => [
  ...done(calls, "change").flatMap(({ ticket = "", version = 0 }) => {
    const now = left.tickets.get(ticket)?.version ?? 0;
    if (now >= version) return [];
    return [violation("success without effect", `ticket ${ticket} was changed to version ${version}, and has ${now}`)];
  }),
  ...done(calls, "end").flatMap(({ match = "" }) => {
    const state = left.matches.get(match)?.state;
    return state === "ended" ? [] : [violation("success without effect", `match ${match} was ended, and is ${state}`)];
  }),
  ...IN_MATCH.flatMap((what) =>
    done(calls, what).flatMap(({ match = "", players: [player = ""] }) => {
      const state = stateIn(left.matches.get(match), player);
      if (what === "decline" || state[what]) return [];
      return [violation("success without effect", `${player} did ${what} in ${match}, which doesn't know`)];
    }),
  ),
];

/**
 * Nothing is left of a call that was refused: every ticket is one that a caller was told of or may have had without an
 * answer, and whatever was cancelled by nobody else was cancelled by such a call.
 */
const refusedEffects = ({ calls, events, left }: History): Violation[] => {
  const told = new Set(done(calls, "enqueue").map(({ ticket }) => ticket));
  const unknown = new Map<string, number>();
  for (const repeated of byKey(calls)) {
    if (done(repeated, "enqueue").length > 0 || !repeated.some(({ outcome }) => outcome === "unknown")) continue;
    for (const player of repeated[0]?.players ?? []) unknown.set(player, (unknown.get(player) ?? 0) + 1);
  }
  const asked = new Set(calls.flatMap(({ call, outcome, ticket }) => (mayHaveCancelled(call, outcome) ? ticket : [])));
  const mended = new Set(events.flatMap(({ event }) => (event.type === "mended" ? event.id : [])));
  return [...left.tickets.values()].flatMap(({ id, players, status, reason }) => {
    const found: Violation[] = [];
    const ours = players.filter((player) => left.players.has(player.id));
    if (ours.length === 0) return [];
    if (!told.has(id)) {
      for (const player of ours) {
        const rest = (unknown.get(player.id) ?? 0) - 1;
        unknown.set(player.id, rest);
        if (rest < 0)
          found.push(violation("refusal with effect", `${player.id} has ${id}, which no call may have left`));
      }
    }
    if (status === "cancelled" && reason === undefined && !asked.has(id) && !mended.has(id)) {
      found.push(violation("refusal with effect", `${id} is cancelled, which no call may have done`));
    }
    return found;
  });
};

const mayHaveCancelled = (call: Call["call"], outcome: Call["outcome"]): boolean =>
  call === "cancel" && outcome !== "refused";
