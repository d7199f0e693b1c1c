import type { Match } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { readMatch } from "./read-match.ts";

const script = loadScript(new URL("./end-match.lua", import.meta.url));

/** Each try fails only because players joined or left in between; so many changes in a row are no accident. */
const TRIES = 10;

/** Ends a match: its players are idle again. Ending it twice is no error. Null when there is no such match (any more). */
export const endMatch = async (context: StoreContext, id: string): Promise<Match | null> => {
  const { redis, keys, clock, retention } = context;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const match = await readMatch(context, id);
    if (!match || match.state === "ended") return match;
    const players = match.teams.flatMap((team) => team.players);
    const outcome = await runScript(
      redis,
      script,
      [
        ...[keys.match(id), keys.matchEnds, keys.events, keys.openByElo(match.queue), keys.openMatches(match.queue)],
        ...players.map((player) => keys.playerState(player.id)),
      ],
      [id, match.version, clock.now(), retention.endedMs, retention.idleMs, retention.events],
    );
    if (outcome !== "changed") return readMatch(context, id);
  }
  throw new Error(`match ${id} was changed ${TRIES} times while it was being ended`);
};
