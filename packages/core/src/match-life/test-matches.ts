import type { Match, MatchPlayer } from "../match.ts";
import { type Queue, type QueueDefinition, toQueue } from "../queue-definition.ts";
import { withState } from "./change.ts";
import type { NewMatch } from "./create-match.ts";

/** A queue of 2 against 2. */
export const queueOf = (changes: Partial<QueueDefinition> = {}): Queue =>
  toQueue("ranked", {
    teams: { count: 2, size: 2 },
    maxPartySize: 2,
    steps: [{ fromTry: 0 }],
    ...{ retryEveryMs: 1_000, expireAfterMs: 60_000, matchLengthMs: 10_000, maxWaiting: 1_000 },
    ...changes,
  });

/** Players with a ticket of their own, unless `party` names one for several: "ann+bob" are two with one ticket. */
const playersOfTeam = (names: readonly string[]): MatchPlayer[] =>
  names.flatMap((name) => name.split("+").map((id) => ({ id, elo: 1_000, ticket: `t_${name}` })));

const teamsOf = (teams: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(teams).map(([name, players]) => ({ name, players: playersOfTeam(players) }));

/** A match that has begun at 10, as in a queue without ready check and session. */
export const matchOf = (teams: Readonly<Record<string, readonly string[]>>, changes: Partial<Match> = {}): Match =>
  withState({
    ...{ id: "m", queue: "ranked", version: 4, createdAt: 10, startedAt: 10, endsAt: 10_010, eloGap: 0, quality: 1 },
    teams: teamsOf(teams),
    ...changes,
  });

export const foundOf = (teams: Readonly<Record<string, readonly string[]>>): NewMatch => ({
  ...{ id: "m", eloGap: 0, quality: 1 },
  teams: teamsOf(teams),
});
