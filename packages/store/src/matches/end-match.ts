import type { Match } from "@muster/core";
import type { StoreContext } from "../context.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { readMatch } from "./read-match.ts";

const script = loadScript(new URL("./end-match.lua", import.meta.url));

/** Ends a match: its players are idle again. Ending it twice is no error. Null when there is no such match (any more). */
export const endMatch = async (context: StoreContext, id: string): Promise<Match | null> => {
  const { redis, keys, clock, retention } = context;
  const match = await readMatch(context, id);
  if (!match || match.state === "ended") return match;
  const players = match.teams.flatMap((team) => team.players);
  await runScript(
    redis,
    script,
    [keys.match(id), keys.matchEnds, keys.events, ...players.map((player) => keys.playerState(player.id))],
    [id, clock.now(), retention.endedMs, retention.idleMs, retention.events],
  );
  return readMatch(context, id);
};
