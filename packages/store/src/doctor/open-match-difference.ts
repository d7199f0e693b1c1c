import type { MatchTeam, OpenMatch } from "@muster/core";
import { unpackOpenMatch } from "../matches/pack-open-match.ts";

/** What an open match's entry in its index says otherwise than its record of this version; undefined: nothing. */
export const openMatchDifference = (
  version: number,
  teams: readonly MatchTeam[],
  packed: string,
): string | undefined => {
  const open = unpacked(packed);
  if (!open) return "is indexed as something that can't be read";
  if (open.version !== version) return `is indexed as version ${open.version}, not ${version}`;
  const inRecord = teams.map(({ name, open: places = 0, players }) => `${name} ${places} ${idsOf(players)}`);
  const inIndex = open.teams.map(
    (team) => `${team.name} ${team.open} ${idsOf(team.tickets.flatMap((ticket) => ticket.players))}`,
  );
  return inRecord.join() === inIndex.join() ? undefined : "is indexed with other players or places";
};

const unpacked = (packed: string): OpenMatch | undefined => {
  try {
    return unpackOpenMatch(packed);
  } catch {
    return undefined;
  }
};

const idsOf = (players: readonly { id: string }[]): string =>
  players
    .map((player) => player.id)
    .sort()
    .join(" ");
