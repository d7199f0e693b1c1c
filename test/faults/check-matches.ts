import { playersOf } from "@muster/core";
import { type History, type Violation, violation } from "./history.ts";
import { everyone } from "./players-in.ts";

/** Times in records are those of services, whose clocks follow Redis' to within this. */
const CLOCKS_MS = 250;

/** What is left of matches and of their tickets agrees, and holds what a match promises. */
export const checkMatches = (history: History): Violation[] => [
  ...halfCommits(history),
  ...splitParties(history),
  ...takenTwice(history),
  ...oldVersions(history),
  ...doubleMatches(history),
];

/**
 * All of a match's tickets are matched, with it, and none with a match that doesn't know it. One of which nobody was
 * left when the match began is cancelled.
 */
const halfCommits = ({ left }: History): Violation[] => {
  const found: Violation[] = [];
  for (const match of left.matches.values()) {
    if (match.dissolved) continue;
    const { startedAt = Infinity } = match;
    for (const [ticket, players] of Map.groupBy(everyone(match), (player) => player.ticket)) {
      const { status, match: its } = left.tickets.get(ticket) ?? {};
      if (status === "matched" && its === match.id) continue;
      if (status === "cancelled" && players.every((player) => "at" in player && player.at <= startedAt)) continue;
      const ids = players.map(({ id }) => id);
      const text = `${match.id} has ${ids} of ${ticket}, which is ${status} in ${its ?? "none"}`;
      found.push(violation("half-applied commit", text));
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

/** All who queued together are in the match, and in the same team. */
const splitParties = ({ left }: History): Violation[] =>
  [...left.matches.values()].flatMap((match) => {
    const placed = [
      ...match.teams.flatMap(({ name, players }) => players.map(({ id, ticket }) => ({ id, ticket, team: name }))),
      ...(match.left ?? []),
    ];
    return [...Map.groupBy(placed, ({ ticket }) => ticket)].flatMap(([ticket, here]) => {
      const party = left.tickets.get(ticket)?.players.map(({ id }) => id) ?? here.map(({ id }) => id);
      const isWhole = party.every((player) => here.some(({ id }) => id === player));
      if (isWhole && here.length === party.length && new Set(here.map(({ team }) => team)).size === 1) return [];
      const text = `${match.id} has ${here.map(({ id, team }) => `${id} in ${team}`)} of ${ticket}, which is ${party}`;
      return [violation("party split", text)];
    });
  });

/** No team has more players than places, and nobody two of them. */
const takenTwice = ({ queues, left }: History): Violation[] =>
  [...left.matches.values()].flatMap((match) => {
    const shapes = queues.get(match.queue)?.teamShapes ?? [];
    const full = match.teams.filter(({ name, players }) =>
      shapes.some((shape) => shape.name === name && players.length > shape.max),
    );
    const ids = playersOf(match).map(({ id }) => id);
    if (full.length === 0 && new Set(ids).size === ids.length) return [];
    return [violation("place taken twice", `${match.id} of ${match.queue} has ${ids}`)];
  });

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

/**
 * The lives of a player's matches don't overlap. It is in one from when it queued for it, at the earliest: a ticket that came
 * back out of a match may go into one that was made before, so what one ticket does is for the streams to tell.
 */
const doubleMatches = ({ left }: History): Violation[] => {
  const lives = new Map<string, { match: string; ticket: string; from: number; to: number }[]>();
  for (const match of left.matches.values()) {
    for (const player of everyone(match)) {
      const from = Math.max(match.createdAt, left.tickets.get(player.ticket)?.createdAt ?? 0);
      const to = leftAt(player) ?? match.endedAt ?? Infinity;
      lives.set(player.id, [...(lives.get(player.id) ?? []), { match: match.id, ticket: player.ticket, from, to }]);
    }
  }
  return [...lives].flatMap(([player, spans]) => {
    const sorted = spans.sort((a, b) => a.from - b.from || a.to - b.to);
    return sorted.flatMap(({ match, ticket, to }, index) => {
      const next = sorted[index + 1];
      if (!next || next.ticket === ticket || to <= next.from + CLOCKS_MS) return [];
      const text = `${player} is in ${match} until ${to}, and in ${next.match} from ${next.from} on at the latest`;
      return [violation("double match", text)];
    });
  });
};

const leftAt = (player: ReturnType<typeof everyone>[number]): number | undefined =>
  "at" in player ? player.at : undefined;
