import { ANY_ROLE, type GivenPlaces } from "./give-places.ts";
import { repairSums } from "./repair-sums.ts";
import { seatParties } from "./seat-parties.ts";
import { emptySeats, hasRoom, needOf, type Seats, seat } from "./seats.ts";
import type { SplitRules } from "./split-rules.ts";
import { improveBySwaps } from "./swap-units.ts";
import type { Side, Unit } from "./team-side.ts";

/**
 * A good split of a match of any size. Largest tickets first, and of these the strongest, each goes to the team that
 * needs the most strength per open place: for solo players a snake draft that looks at the sums. Then tickets of equal
 * size change places as long as that evens the teams.
 *
 * Parties come first, for they are harder to place (see `seatParties`). Where there are roles or teams by name, everybody
 * is then given a place that fits (see `givePlaces`): who names teams takes it, and the others go, and change places
 * with each other, where their role is open; within a team roles are assigned anew at the end. Where all accept like
 * parties only, each team gets its share of each size.
 *
 * @param units all tickets of the match, strongest first
 * @returns undefined when no split was found; the split may still break a rule
 */
export const splitByDraft = (rules: SplitRules, units: readonly Unit[]): readonly Side[] | undefined => {
  const isFree = !rules.withRoles && units.every(({ ticket }) => ticket.teams === undefined);
  const parties = units.filter(({ size }) => size > 1).sort((a, b) => b.size - a.size);
  const solos = units.filter(({ size }) => size === 1);
  const seats = emptySeats(rules, units);
  const given = seatParties(seats, parties, solos, isFree);
  if (!given || !seatSolos(seats, solos, given)) return undefined;
  improveBySwaps(seats.sides, (unit) => given.get(unit)?.roles.toSorted().join(" ") ?? "");
  repairSums(rules.sums, seats.sides);
  return seats.sides;
};

const seatSolos = (seats: Seats, solos: readonly Unit[], given: GivenPlaces): boolean => {
  const open = openRoles(seats, given);
  const takesBack: (() => void)[] = [];
  const put = (team: number, solo: Unit): void => {
    takesBack.push(seat(seats, team, solo));
    for (const role of given.get(solo)?.roles ?? []) open[team]?.set(role, (open[team]?.get(role) ?? 0) - 1);
  };

  const choosy = solos.filter(({ ticket }) => ticket.teams !== undefined);
  const free = solos.filter(({ ticket }) => ticket.teams === undefined);
  for (const solo of choosy) put(given.get(solo)?.team ?? -1, solo);
  for (const solo of free) {
    const roles = given.get(solo)?.roles;
    const team = neediest(seats, solo, roles && ((team) => roles.every((role) => (open[team]?.get(role) ?? 0) > 0)));
    if (team >= 0) {
      put(team, solo);
      continue;
    }
    if (given.size === 0) return false;
    // Teams that may stay short have more places by role than players: then only what was given is sure to suit all.
    for (const takeBack of takesBack.splice(choosy.length).reverse()) takeBack();
    for (const each of free) put(given.get(each)?.team ?? -1, each);
    return true;
  }
  return true;
};

/** For each team its places by role that no seated ticket was given. */
const openRoles = ({ sides, planned }: Seats, given: GivenPlaces): Map<string, number>[] =>
  sides.map(({ shape, units }, team) => {
    const open = new Map(Object.entries(shape.roles ?? { [ANY_ROLE]: planned[team] ?? 0 }));
    for (const unit of units) {
      for (const role of given.get(unit)?.roles ?? []) open.set(role, (open.get(role) ?? 0) - 1);
    }
    return open;
  });

/** Of the teams that can hold the ticket, the first one that lacks the most elo per open place; -1: none can. */
const neediest = (seats: Seats, unit: Unit, suits?: (team: number) => boolean): number => {
  let found = -1;
  let largest = -Infinity;
  for (let team = 0; team < seats.sides.length; team++) {
    if (!hasRoom(seats, team, unit) || suits?.(team) === false) continue;
    const need = needOf(seats, team);
    if (need <= largest) continue;
    found = team;
    largest = need;
  }
  return found;
};
