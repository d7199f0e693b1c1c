import { type Match, playersOf } from "@muster/core";
import { checkLives } from "./check-lives.ts";
import type { Call, History, Violation, ViolationKind } from "./history.ts";

/** Times in records are those of services, whose clocks follow Redis' to within this. */
const CLOCKS_MS = 250;

/** Decides from a history alone what was broken. For a run at whose end nobody waits and nobody plays. */
export const checkHistory = (history: History): Violation[] => [
  ...lostTickets(history),
  ...wrongCancels(history),
  ...noEffects(history),
  ...refusedEffects(history),
  ...halfCommits(history),
  ...oldVersions(history),
  ...doubleMatches(history),
  ...checkLives(history),
  ...versionsBack(history),
  ...leftBehind(history),
  ...formerLeaders(history),
  ...history.left.inconsistencies.map((text) => violation("inconsistent", text)),
];

const violation = (kind: ViolationKind, text: string): Violation => ({ kind, text });

const done = (calls: readonly Call[], call: Call["call"]): Call[] =>
  calls.filter((each) => each.call === call && each.outcome === "done");

/** Every accepted enqueue ends as exactly one of matched, cancelled, expired; and nobody is stuck in one that wasn't. */
const lostTickets = ({ calls, left }: History): Violation[] => [
  ...done(calls, "enqueue").flatMap(({ ticket = "", players }) => {
    const status = left.tickets.get(ticket)?.status;
    if (status === undefined) return [violation("success without effect", `ticket ${ticket} of ${players} is nowhere`)];
    const isOver = ["matched", "cancelled", "expired"].includes(status);
    return isOver ? [] : [violation("lost ticket", `ticket ${ticket} of ${players} is ${status} for good`)];
  }),
  ...[...left.players].flatMap(([player, { state }]) =>
    state === "idle" ? [] : [violation("lost ticket", `${player} is ${state} for good`)],
  ),
];

/** A cancel says cancelled, or matched with the match, and that stays true. */
const wrongCancels = ({ calls, left }: History): Violation[] =>
  done(calls, "cancel").flatMap(({ ticket = "", said, match }) => {
    const found = left.tickets.get(ticket);
    if (found?.status === said && (said !== "matched" || found?.match === match)) return [];
    const truth = found ? `${found.status} ${found.match ?? ""}` : "nowhere";
    return [violation("wrong outcome of a cancel", `ticket ${ticket} was ${said} ${match ?? ""}, and is ${truth}`)];
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
];

/**
 * Nothing is left of a call that was refused: every ticket is one that a caller was told of or may have had without an
 * answer, and whatever was cancelled by nobody else was cancelled by such a call.
 */
const refusedEffects = ({ calls, events, left }: History): Violation[] => {
  const told = new Set(done(calls, "enqueue").map(({ ticket }) => ticket));
  const unknown = new Map<string, number>();
  for (const { call, outcome, players } of calls) {
    if (call !== "enqueue" || outcome !== "unknown") continue;
    for (const player of players) unknown.set(player, (unknown.get(player) ?? 0) + 1);
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

/** All of a match's tickets are matched, with it, and none with a match that doesn't know it. */
const halfCommits = ({ left }: History): Violation[] => {
  const found: Violation[] = [];
  for (const match of left.matches.values()) {
    if (match.dissolved) continue;
    for (const { id, ticket } of everyone(match)) {
      const { status, match: its } = left.tickets.get(ticket) ?? {};
      if (status === "matched" && its === match.id) continue;
      found.push(
        violation("half-applied commit", `${match.id} has ${id} of ${ticket}, which is ${status} in ${its ?? "none"}`),
      );
    }
  }
  for (const { id, status, match = "" } of left.tickets.values()) {
    if (status !== "matched") continue;
    const known = left.matches.get(match);
    if (known && everyone(known).some(({ ticket }) => ticket === id)) continue;
    found.push(violation("half-applied commit", `${id} was matched, but ${match} doesn't have it`));
  }
  return found;
};

/** Every change moves elo: so the elo in the match tells from which version of the ticket it was made. */
const oldVersions = ({ left }: History): Violation[] =>
  [...left.matches.values()].flatMap((match) =>
    everyone(match).flatMap(({ id, elo, ticket }) => {
      const wanted = left.tickets.get(ticket)?.players.find((player) => player.id === id)?.elo;
      if (wanted === undefined || wanted === elo || match.dissolved) return [];
      const text = `${match.id} has ${id} with elo ${elo}, whose ticket ${ticket} says ${wanted} since`;
      return [violation("ticket of an old version committed", text)];
    }),
  );

/** The lives of a player's matches don't overlap. */
const doubleMatches = ({ left }: History): Violation[] => {
  const lives = new Map<string, { match: string; from: number; to: number }[]>();
  for (const match of left.matches.values()) {
    const to = match.endedAt ?? Infinity;
    const all = [
      ...playersOf(match).map(({ id }) => ({ id, to })),
      ...(match.left ?? []).map(({ id, at }) => ({ id, to: at })),
    ];
    for (const { id, to } of all)
      lives.set(id, [...(lives.get(id) ?? []), { match: match.id, from: match.createdAt, to }]);
  }
  return [...lives].flatMap(([player, spans]) => {
    const sorted = spans.sort((a, b) => a.from - b.from || a.to - b.to);
    return sorted.flatMap(({ match, to }, index) => {
      const next = sorted[index + 1];
      if (!next || to <= next.from + CLOCKS_MS) return [];
      return [violation("double match", `${player} is in ${match} and ${next.match} at once`)];
    });
  });
};

const versionsBack = ({ seen }: History): Violation[] => {
  const newest = new Map<string, number>();
  return seen.flatMap(({ watcher, player, version }) => {
    const before = newest.get(`${watcher} ${player}`) ?? -1;
    newest.set(`${watcher} ${player}`, Math.max(before, version));
    if (version >= before) return [];
    return [violation("version going back", `${watcher} saw ${player} at ${before}, then at ${version}`)];
  });
};

/** Every watcher ends on the newest state of every player that it ever saw. */
const leftBehind = ({ seen, left }: History): Violation[] => {
  const last = new Map(seen.map((each) => [`${each.watcher} ${each.player}`, each]));
  return [...last.values()].flatMap(({ watcher, player, version }) => {
    const newest = left.players.get(player)?.version;
    if (newest === undefined || newest === version) return [];
    return [violation("watcher left behind", `${watcher} saw ${player} last at ${version}, which is at ${newest}`)];
  });
};

/** From when a mover took the lease on, no other has committed. */
const formerLeaders = ({ events }: History): Violation[] => {
  let leader: string | undefined;
  return events.flatMap(({ event }) => {
    if (event.type === "led") leader = event.mover;
    if (event.type !== "matched" && event.type !== "joined") return [];
    if (leader === undefined || event.mover === leader) return [];
    const text = `${event.mover} committed ${event.match} when ${leader} had taken the lease`;
    return [violation("commit by a former leader", text)];
  });
};

const everyone = (match: Match) => [...playersOf(match), ...(match.left ?? [])];
