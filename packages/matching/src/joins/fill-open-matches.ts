import type { OpenMatch, Proposal, ProposedTeam, Queue } from "@muster/core";
import { take } from "../ladder.ts";
import { toldQuality } from "../quality.ts";
import { join } from "../rules/terms.ts";
import type { Seeker } from "../seeker.ts";
import { put, toUnit } from "../split/team-side.ts";
import { rolesIn } from "../teams/propose.ts";
import { type OpenSeats, openSeats, triesWhileOpen } from "./open-seats.ts";
import { isPlacing, type Placing, placeJoiner } from "./place-joiner.ts";

/** Those who join one match, as they were placed. */
interface Joiners {
  readonly seats: OpenSeats;
  readonly placed: { readonly seeker: Seeker; readonly placing: Placing }[];
}

/**
 * Puts served seekers, oldest first, into matches that look for players: each into the one that it makes best, of equally
 * good ones into the fuller. Whoever joins leaves the ladder, and counts as a member for the next.
 *
 * @param oldestFirst all of one ladder
 * @returns one proposal for each match that somebody joins
 */
export const fillOpenMatches = (
  queue: Queue,
  oldestFirst: readonly Seeker[],
  open: readonly OpenMatch[],
  now: number,
): Proposal[] => {
  const all = [...open]
    .sort((a, b) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1))
    .map((match): Joiners => ({ seats: openSeats(queue, match, now), placed: [] }));
  for (const seeker of oldestFirst) {
    if (!seeker.served || !seeker.free) continue;
    let best: { joiners: Joiners; placing: Placing } | undefined;
    for (const joiners of all) {
      const placing = placeJoiner(queue, joiners.seats, seeker, now);
      if (isPlacing(placing) && (!best || isBetter(placing, best.placing))) best = { joiners, placing };
    }
    if (!best) continue;
    take(seeker);
    best.joiners.placed.push({ seeker, placing: best.placing });
    seat(best.placing, seeker);
  }
  return all.filter(({ placed }) => placed.length > 0).map((joiners) => toJoin(queue, joiners, now));
};

const isBetter = (a: Placing, b: Placing): boolean =>
  a.quality > b.quality || (a.quality === b.quality && openPlaces(a) < openPlaces(b));

const openPlaces = ({ seats }: Placing): number => seats.teams.reduce((sum, { open }) => sum + open, 0);

const seat = ({ seats, team, roles }: Placing, seeker: Seeker): void => {
  seats.members.push(seeker);
  if (seeker.terms) seats.joint = seats.joint ? join(seats.joint, seeker.terms) : seeker.terms;
  const seated = seats.teams[team];
  if (!seated) return;
  put(seated.side, toUnit(seeker));
  seated.open -= seeker.size;
  for (const role of roles?.values() ?? []) {
    if (seated.openRoles) seated.openRoles[role] = (seated.openRoles[role] ?? 0) - 1;
  }
};

const toJoin = (queue: Queue, { seats: { match }, placed }: Joiners, now: number): Proposal => {
  const last = placed.at(-1)?.placing;
  const since = triesWhileOpen(queue, match, now);
  return {
    id: match.id,
    queue: queue.name,
    join: { version: match.version },
    tickets: placed.map(({ seeker }) => seeker.ticket),
    teams: queue.teamShapes.map(({ name }, team) => toTeam(name, team, placed)),
    eloGap: last?.eloGap ?? 0,
    quality: toldQuality(last?.quality ?? 1),
    ...(match.region !== undefined && { region: match.region }),
    // From then on they widen together with those who were there.
    effectiveTries: placed.map(({ seeker }) => seeker.tries - since),
  };
};

/** Those of a match's joiners who are placed in one of its teams. */
const toTeam = (name: string, team: number, placed: Joiners["placed"]): ProposedTeam => {
  const tickets = [...placed.keys()].filter((place) => placed[place]?.placing.team === team);
  const here = placed.filter(({ placing }) => placing.team === team);
  const roles = new Map(here.flatMap(({ placing }) => [...(placing.roles ?? [])]));
  return {
    ...{ name, tickets },
    ...rolesIn(
      here.map(({ seeker }) => seeker.ticket),
      roles,
    ),
  };
};
