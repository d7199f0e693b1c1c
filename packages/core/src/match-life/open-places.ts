import type { BackfillRequest } from "../backfill.ts";
import { type FieldFault, MusterError } from "../errors.ts";
import type { Match, MatchTeam } from "../match.ts";
import type { Queue } from "../queue-definition.ts";
import { type MatchChange, playersOf, refuseEnded, refuseForming, withState } from "./change.ts";
import { removePlayers } from "./leave-match.ts";

/**
 * A match after its realm has told whom it lost and which places are open. A player who has left already is no fault, so
 * that a request can be repeated.
 *
 * @throws MusterError MATCH_ENDED; WRONG_STATE while it is forming; INVALID that names each player and team that isn't
 *   in the match
 */
export const openPlaces = (
  queue: Queue,
  match: Match,
  { lost = [], places = {} }: BackfillRequest,
  now: number,
): MatchChange | undefined => {
  refuseEnded(match);
  refuseForming(match, "It looks for players when all have accepted.");
  const here = new Set(playersOf(match).map(({ id }) => id));
  const gone = new Set(lost.filter((player) => here.has(player)));
  const known = new Set([...here, ...(match.left ?? []).map(({ id }) => id)]);
  const faults = lost.flatMap((player, index): FieldFault[] =>
    known.has(player) ? [] : [{ field: `lost[${index}]`, message: `${player} was never in this match` }],
  );
  const removed = gone.size > 0 ? removePlayers({ ...queue, backfill: true }, match, gone, "lost", now) : undefined;
  const smaller = removed?.match ?? match;
  const teams = smaller.teams.map(({ name, players, open = 0 }): MatchTeam => {
    const size = queue.teamShapes.find((team) => team.name === name)?.max ?? players.length;
    const free = size - players.length;
    const wanted = places[name] ?? open;
    if (wanted > free) {
      faults.push({ field: `places.${name}`, message: `has ${free} of its ${size} places free, not ${wanted}` });
    }
    return { name, players, ...(wanted > 0 && { open: wanted }) };
  });
  faults.push(...unknownTeams(match, places));
  if (faults[0]) {
    throw new MusterError("INVALID", `Nothing was changed: ${faults[0].field} ${faults[0].message}.`, { faults });
  }
  const isSame = teams.every(({ open }, index) => open === smaller.teams[index]?.open);
  if (isSame && !removed) return undefined;
  const asked = { type: "backfill" } as const;
  if (smaller.state === "ended") return removed;
  return { ...removed, match: withState({ ...smaller, teams }), events: [...(removed?.events ?? []), asked] };
};

const unknownTeams = ({ teams }: Match, places: Readonly<Record<string, number>>): FieldFault[] =>
  Object.keys(places)
    .filter((name) => !teams.some((team) => team.name === name))
    .map((name) => ({
      field: `places.${name}`,
      message: `is no team of this match; its teams are ${teams.map((team) => team.name).join(", ")}`,
    }));

/** A match that takes in nobody any more; undefined when it doesn't now. */
export const closePlaces = (match: Match): MatchChange | undefined => {
  refuseEnded(match);
  if (match.teams.every(({ open }) => open === undefined)) return undefined;
  return {
    match: withState({ ...match, teams: match.teams.map(({ name, players }) => ({ name, players })) }),
    events: [],
  };
};
