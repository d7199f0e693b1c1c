import { assignRoles } from "./assign-roles.ts";
import { ANY_ROLE, type GivenPlaces, givePlaces } from "./give-places.ts";
import { packParties } from "./pack-parties.ts";
import { hasRoom, needOf, type Seats, seat } from "./seats.ts";
import { roleSeekersOf, type Unit } from "./team-side.ts";

/** What one search for the parties' teams may cost: each party put into a team, and each 100 pairs of player and place. */
const MAX_COST = 1_000;
const PAIRS_PER_COST = 100;

/**
 * Puts each party into a team, so that its players can have roles there and everybody else finds a place too: into the
 * team that needs it most, and where that leads nowhere into the next. When it can't be found so within bounds, the
 * parties are packed by their size alone.
 *
 * @param parties largest first
 * @param isFree whether solo players fit wherever a place is left: neither roles nor names of teams are asked for
 * @returns the places of all, so far as they matter; undefined when no way was found, and then no party is seated
 */
export const seatParties = (
  seats: Seats,
  parties: readonly Unit[],
  solos: readonly Unit[],
  isFree: boolean,
): GivenPlaces | undefined => {
  const placesOfAll = () => (isFree ? new Map() : givePlaces(seats, solos));
  const players = [...parties, ...solos].reduce((sum, { size }) => sum + size, 0);
  const kinds = seats.sides.reduce((sum, { shape }) => sum + Object.keys(shape.roles ?? { [ANY_ROLE]: 0 }).length, 0);
  const lastCost = isFree ? 1 : Math.ceil((players * kinds) / PAIRS_PER_COST);
  let left = MAX_COST;

  const seatFrom = (index: number): GivenPlaces | undefined => {
    const party = parties[index];
    left -= party ? 1 : lastCost;
    if (!party) return placesOfAll();
    for (const team of neediestFirst(seats, party)) {
      if (left <= 0) return undefined;
      const takeBack = seat(seats, team, party);
      const given = seatFrom(index + 1);
      if (given) return given;
      takeBack();
    }
    return undefined;
  };

  return seatFrom(0) ?? (seatPacked(seats, parties) ? placesOfAll() : undefined);
};

const neediestFirst = (seats: Seats, party: Unit): number[] =>
  seats.sides
    .flatMap((_, team) => (holds(seats, team, party) ? [{ team, need: needOf(seats, team) }] : []))
    .sort((a, b) => b.need - a.need)
    .map(({ team }) => team);

const holds = (seats: Seats, team: number, party: Unit): boolean => {
  const side = seats.sides[team];
  if (!side || !hasRoom(seats, team, party)) return false;
  return (
    !side.shape.roles || assignRoles([...side.units, party].flatMap(roleSeekersOf), side.shape.roles) !== undefined
  );
};

const seatPacked = (seats: Seats, parties: readonly Unit[]): boolean => {
  const packing = packParties(
    parties.map(({ size }) => size),
    seats.planned,
  );
  if (!packing) return false;
  for (const [index, party] of parties.entries()) {
    const team = packing[index] ?? -1;
    if (!holds(seats, team, party)) return false;
    seat(seats, team, party);
  }
  return true;
};
