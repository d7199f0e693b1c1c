import {
  type BackfillRequest,
  type FieldFault,
  type LeftPlayer,
  type Match,
  type MatchTeam,
  MusterError,
  type Queue,
} from "@muster/core";
import type { PlacesChange } from "@muster/store";

/**
 * A match after its realm has told whom it lost and which places are open. A player who has left already is no fault, so
 * that a request can be repeated.
 *
 * @param at when the players left, ms since the epoch
 * @returns undefined when nothing changes
 * @throws MusterError INVALID that names each player and team that isn't in the match
 */
export const openPlaces = (
  queue: Queue,
  match: Match,
  { lost = [], places = {} }: BackfillRequest,
  at: number,
): PlacesChange | undefined => {
  const before: readonly LeftPlayer[] = match.left ?? [];
  const gone = new Set(lost);
  const left = match.teams.flatMap(({ name, players }) =>
    players.filter(({ id }) => gone.has(id)).map((player): LeftPlayer => ({ ...player, team: name, at })),
  );
  const known = new Set([...before, ...left].map(({ id }) => id));
  const faults = lost.flatMap((player, index): FieldFault[] =>
    known.has(player) ? [] : [{ field: `lost[${index}]`, message: `${player} was never in this match` }],
  );
  const teams = match.teams.map((team): MatchTeam => {
    const players = team.players.filter(({ id }) => !gone.has(id));
    const size = queue.teamShapes.find(({ name }) => name === team.name)?.max ?? players.length;
    const free = size - players.length;
    const wanted = places[team.name] ?? (team.open ?? 0) + team.players.length - players.length;
    if (wanted > free) {
      faults.push({ field: `places.${team.name}`, message: `has ${free} of its ${size} places free, not ${wanted}` });
    }
    return { name: team.name, players, ...(wanted > 0 && { open: wanted }) };
  });
  for (const name of Object.keys(places)) {
    if (teams.some((team) => team.name === name)) continue;
    const names = teams.map((team) => team.name).join(", ");
    faults.push({ field: `places.${name}`, message: `is no team of this match; its teams are ${names}` });
  }
  if (faults[0]) {
    throw new MusterError("INVALID", `Nothing was changed: ${faults[0].field} ${faults[0].message}.`, { faults });
  }
  const isSame = left.length === 0 && teams.every(({ open }, index) => open === match.teams[index]?.open);
  return isSame ? undefined : { teams, ...withLeft([...before, ...left]) };
};

/** A match that takes in nobody any more; undefined when it doesn't now. */
export const closePlaces = ({ teams, left = [] }: Match): PlacesChange | undefined => {
  if (teams.every(({ open }) => open === undefined)) return undefined;
  return { teams: teams.map(({ name, players }) => ({ name, players })), ...withLeft(left) };
};

const withLeft = (left: readonly LeftPlayer[]) => (left.length > 0 ? { left: [...left] } : {});
