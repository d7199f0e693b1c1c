import { assignPlaces } from "./assign-places.ts";
import { costOfRole, type RoleSeeker } from "./assign-roles.ts";
import type { Seats } from "./seats.ts";
import { mayBeIn, roleSeekersOf, type Unit } from "./team-side.ts";

/** Where the players of a ticket can be, beside all others. */
export interface GivenPlace {
  readonly team: number;
  /** Of its players; of each one `ANY_ROLE` in a team without roles. */
  readonly roles: readonly string[];
}

/** The role of all places of a team that has no roles. */
export const ANY_ROLE = "";

export type GivenPlaces = ReadonlyMap<Unit, GivenPlace>;

/** Places of one kind in one team. */
interface Slot {
  readonly team: number;
  readonly role: string;
  readonly places: number;
}

/**
 * Gives every player of a match a place, and a role where the team has roles: those of tickets that stand in a team
 * already in that team, solo players in any that they accept; with as many first choices as can be.
 *
 * @param solos who stand in no team yet
 * @returns undefined when there is no way
 */
export const givePlaces = ({ sides, planned }: Seats, solos: readonly Unit[]): GivenPlaces | undefined => {
  const slots = sides.flatMap(({ shape }, team): Slot[] =>
    Object.entries(shape.roles ?? { [ANY_ROLE]: planned[team] ?? 0 }).map(([role, places]) => ({ team, role, places })),
  );
  const seekers = [
    ...sides.flatMap(({ units }, team) => units.flatMap((unit) => seekersOf(unit, team))),
    ...solos.flatMap((unit) => seekersOf(unit, undefined)),
  ];
  const costs = seekers.map(({ player, unit, team }) =>
    slots.map((slot) => {
      const side = sides[slot.team];
      const isOpen = team === undefined ? side !== undefined && mayBeIn(unit, side) : team === slot.team;
      if (!isOpen) return Infinity;
      return slot.role === ANY_ROLE ? 0 : costOfRole(player, slot.role, seekers.length);
    }),
  );
  const holders = assignPlaces(
    costs,
    slots.map(({ places }) => places),
  );
  if (!holders) return undefined;
  const given = new Map<Unit, { team: number; roles: string[] }>();
  for (const [index, { team, role }] of slots.entries()) {
    for (const holder of holders[index] ?? []) {
      const unit = seekers[holder]?.unit;
      if (!unit) continue;
      const place = given.get(unit) ?? { team, roles: [] };
      given.set(unit, place);
      place.roles.push(role);
    }
  }
  return given;
};

interface PlaceSeeker {
  readonly player: RoleSeeker;
  readonly unit: Unit;
  /** Undefined: any that it accepts. */
  readonly team: number | undefined;
}

const seekersOf = (unit: Unit, team: number | undefined): PlaceSeeker[] =>
  roleSeekersOf(unit).map((player) => ({ player, unit, team }));
