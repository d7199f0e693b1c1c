import { assignRoles, type RoleSeeker } from "./assign-roles.ts";
import { packParties } from "./pack-parties.ts";
import { repairSums } from "./repair-sums.ts";
import type { SplitRules } from "./split-rules.ts";
import { improveBySwaps } from "./swap-units.ts";
import { emptySide, mayBeIn, put, roleSeekersOf, type Side, type Unit } from "./team-side.ts";

/**
 * A good split of a match of any size. Largest tickets first, and of these the strongest, each goes to the team that
 * needs the most strength per open place: for solo players a snake draft that looks at the sums. Then tickets of equal
 * size change places as long as that evens the teams. When the draft leaves a party without a team that holds it, the
 * parties are packed first, whatever their strength.
 *
 * Roles are given out over all teams together before the draft, and a ticket only goes to, or changes places with, where
 * its players' roles are open; within a team they are then assigned anew. Where all accept like parties only, each team
 * gets its share of each size.
 *
 * @param units all tickets of the match, strongest first
 * @returns undefined when no split was found; the split may still break a rule
 */
export const splitByDraft = (rules: SplitRules, units: readonly Unit[]): Side[] | undefined => {
  const roles = rules.withRoles ? rolesOverAll(rules, units) : NO_ROLES;
  if (!roles) return undefined;
  const largestFirst = units.toSorted((a, b) => b.size - a.size);
  const sides = draft(seats(rules, units, roles), largestFirst) ?? draftAroundPacking(rules, largestFirst, roles);
  if (!sides) return undefined;
  improveBySwaps(sides, (unit) => roles.get(unit)?.join(" ") ?? "");
  repairSums(rules.sums, sides);
  return sides;
};

/** The roles that each ticket's players take. */
type RolesByUnit = ReadonlyMap<Unit, readonly string[]>;
const NO_ROLES: RolesByUnit = new Map();

/** Teams with what is left of them while they fill. */
interface Seats {
  readonly sides: Side[];
  /** For each team, the players that it is to get. */
  readonly planned: readonly number[];
  /** For each team, open places by role. */
  readonly rolePlaces: Map<string, number>[];
  /** Tickets of each size in one team; undefined: as it comes. */
  readonly share: ReadonlyMap<number, number> | undefined;
  readonly roles: RolesByUnit;
}

const seats = (rules: SplitRules, units: readonly Unit[], roles: RolesByUnit): Seats => {
  const { teamShapes } = rules.queue;
  return {
    sides: teamShapes.map((shape, index) => emptySide(shape, rules.least[index] ?? shape.min)),
    planned: plannedSizes(rules, units),
    rolePlaces: teamShapes.map((shape) => new Map(Object.entries(shape.roles ?? {}))),
    share: rules.premade === 0 && rules.withParties ? sharePerTeam(units, teamShapes.length) : undefined,
    roles,
  };
};

/** As even as their limits allow. */
const plannedSizes = ({ queue, least }: SplitRules, units: readonly Unit[]): number[] => {
  const planned = [...least];
  let left = units.reduce((sum, { size }) => sum + size, 0) - planned.reduce((sum, each) => sum + each, 0);
  while (left > 0) {
    let smallest = -1;
    for (const [index, { max }] of queue.teamShapes.entries()) {
      const size = planned[index] ?? 0;
      if (size < max && size < (planned[smallest] ?? Infinity)) smallest = index;
    }
    if (smallest < 0) break;
    planned[smallest] = (planned[smallest] ?? 0) + 1;
    left--;
  }
  return planned;
};

const sharePerTeam = (units: readonly Unit[], teams: number): Map<number, number> => {
  const share = new Map<number, number>();
  for (const { size } of units) share.set(size, (share.get(size) ?? 0) + 1 / teams);
  return share;
};

const rolesOverAll = ({ queue }: SplitRules, units: readonly Unit[]): RolesByUnit | undefined => {
  const places: Record<string, number> = {};
  for (const { roles = {} } of queue.teamShapes) {
    for (const [name, count] of Object.entries(roles)) places[name] = (places[name] ?? 0) + count;
  }
  const players: RoleSeeker[] = units.flatMap(roleSeekersOf);
  const given = assignRoles(players, places)?.roles;
  return given && new Map(units.map((unit) => [unit, unit.ticket.players.map(({ id }) => given.get(id) ?? "").sort()]));
};

const draftAroundPacking = (
  rules: SplitRules,
  largestFirst: readonly Unit[],
  roles: RolesByUnit,
): Side[] | undefined => {
  const parties = largestFirst.filter(({ size }) => size > 1);
  const places = seats(rules, largestFirst, roles);
  const packing = packParties(
    parties.map(({ size }) => size),
    places.planned,
  );
  if (!packing) return undefined;
  for (const [index, party] of parties.entries()) {
    const team = packing[index] ?? -1;
    if (!fits(places, team, party)) return undefined;
    seat(places, team, party);
  }
  return draft(places, largestFirst.slice(parties.length));
};

/** Undefined when a unit finds no team with enough open places. */
const draft = (places: Seats, units: readonly Unit[]): Side[] | undefined => {
  const all = [...places.sides, ...units];
  const mean = sum(all, "eloSum") / sum(all, "size");
  for (const unit of units) {
    const team = neediest(places, unit, mean);
    if (team < 0) return undefined;
    seat(places, team, unit);
  }
  return places.sides;
};

/** Of the teams that can hold the ticket, the first one that lacks the most elo per open place; -1: none can. */
const neediest = (places: Seats, unit: Unit, mean: number): number => {
  let found = -1;
  let largest = -Infinity;
  for (const [team, side] of places.sides.entries()) {
    if (!fits(places, team, unit)) continue;
    const planned = places.planned[team] ?? 0;
    const need = (mean * planned - side.eloSum) / (planned - side.size);
    if (need <= largest) continue;
    found = team;
    largest = need;
  }
  return found;
};

const fits = ({ sides, planned, rolePlaces, share, roles }: Seats, team: number, unit: Unit): boolean => {
  const side = sides[team];
  if (!side || side.size + unit.size > (planned[team] ?? 0) || !mayBeIn(unit, side)) return false;
  if (share && side.units.filter(({ size }) => size === unit.size).length >= (share.get(unit.size) ?? 0)) return false;
  const wanted = roles.get(unit) ?? [];
  return wanted.every((role) => wanted.filter((each) => each === role).length <= (rolePlaces[team]?.get(role) ?? 0));
};

const seat = ({ sides, rolePlaces, roles }: Seats, team: number, unit: Unit): void => {
  const side = sides[team];
  if (side) put(side, unit);
  const places = rolePlaces[team];
  for (const role of roles.get(unit) ?? []) places?.set(role, (places.get(role) ?? 0) - 1);
};

const sum = (parts: readonly { readonly eloSum: number; readonly size: number }[], what: "eloSum" | "size"): number =>
  parts.reduce((total, part) => total + part[what], 0);
