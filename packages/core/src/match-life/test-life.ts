import type { Match } from "../match.ts";
import { acceptMatch } from "./accept-match.ts";
import type { MatchChange } from "./change.ts";
import { createMatch } from "./create-match.ts";
import { declineMatch } from "./decline-match.ts";
import { endMatch } from "./end-match.ts";
import { joinMatch } from "./join-match.ts";
import { leaveMatch } from "./leave-match.ts";
import { notePresence } from "./note-presence.ts";
import { closePlaces, openPlaces } from "./open-places.ts";
import { spectateMatch } from "./spectate-match.ts";
import { foundOf, matchOf, queueOf } from "./test-matches.ts";

/** What may happen to a match, situation by situation: tests hold the operations to it, and the API's answers. */

/** A queue with a ready check. */
export const asked = queueOf({
  readyCheck: { withinMs: 1_000, coolDown: { firstMs: 1, maxMs: 9, forgetAfterMs: 1_000 } },
});
export const session = queueOf({
  session: { joinWithinMs: 2_000 },
  backfill: true,
  teams: { count: 2, size: 2, minSize: 1 },
});
export const TEAMS = { "1": ["ann", "bob"], "2": ["cat", "dan"] };

export const forming = createMatch(asked, foundOf(TEAMS), 0);
export const formingWithAnn = acceptMatch(asked, forming, "ann", 1)?.match ?? forming;
export const waiting = createMatch(session, foundOf(TEAMS), 0);
export const live = matchOf(TEAMS);
/** ann has left, eve watches. */
export const opened =
  spectateMatch(leaveMatch({ ...asked, backfill: true }, live, "ann", 20)?.match ?? live, "eve")?.match ?? live;
/** ann has left and came back to watch. */
const watched = spectateMatch(opened, "ann")?.match ?? opened;
const ended = endMatch(live, {}, 30)?.match ?? live;
const reported = endMatch(ended, { scores: { ann: 1 } }, 40)?.match ?? ended;
export const dissolved = declineMatch(asked, formingWithAnn, "dan", 5)?.match ?? forming;

export type Operation = (match: Match, player: string) => MatchChange | undefined;
export const OPERATIONS = {
  accept: (match, player) => acceptMatch(asked, match, player, 50),
  decline: (match, player) => declineMatch(asked, match, player, 50),
  join: (match, player) => joinMatch(session, match, player, 50),
  leave: (match, player) => leaveMatch(session, match, player, 50),
  spectate: (match, player) => spectateMatch(match, player),
  disconnect: (match, player) => notePresence(asked, match, new Set([player]), true, 50),
  end: (match) => endMatch(match, {}, 50),
  report: (match) => endMatch(match, { scores: { bob: 1 } }, 50),
  backfill: (match) => openPlaces(session, match, { lost: ["bob"] }, 50),
  close: (match) => closePlaces(match),
} satisfies Record<string, Operation>;
export type OperationName = keyof typeof OPERATIONS;

/** `ok`: it changes something; `same`: it is a repeat, and changes nothing; else the code that it is refused with. */
export type LifeOutcome = string;

/** By the first word of the table's rows. */
export const MATCHES: Record<string, Match> = {
  ...{ forming, formingWithAnn, waiting, opened, watched, live, ended, reported, dissolved },
};
const WRONG = "WRONG_STATE";
const OVER = "MATCH_ENDED";
const STRANGER = "NOT_IN_MATCH";

/** Who does what in which match, and what comes of it. bob plays, ann has left the opened one, eve is a stranger. */
export const TABLE: Record<string, Record<OperationName, LifeOutcome>> = {
  "forming bob": { ...every(WRONG), accept: "ok", decline: "ok", close: "same", disconnect: "ok" },
  "forming eve": {
    ...every(WRONG),
    accept: STRANGER,
    decline: STRANGER,
    join: STRANGER,
    leave: STRANGER,
    close: "same",
    disconnect: "same",
  },
  "formingWithAnn ann": { ...every(WRONG), accept: "same", decline: "ok", close: "same", disconnect: "ok" },
  "waiting bob": { ...every("ok"), accept: WRONG, decline: WRONG, spectate: WRONG, close: "same", disconnect: "ok" },
  "waiting eve": {
    ...every("ok"),
    accept: STRANGER,
    decline: STRANGER,
    join: STRANGER,
    leave: STRANGER,
    close: "same",
    disconnect: "same",
  },
  "opened bob": { ...every("ok"), accept: WRONG, decline: WRONG, spectate: WRONG, disconnect: "ok" },
  "opened ann": { ...every("ok"), accept: WRONG, decline: WRONG, join: WRONG, leave: "same", disconnect: "same" },
  "opened eve": {
    ...every("ok"),
    accept: STRANGER,
    decline: STRANGER,
    join: STRANGER,
    spectate: "same",
    disconnect: "same",
  },
  "watched ann": {
    ...every("ok"),
    ...{ accept: WRONG, decline: WRONG, join: WRONG, spectate: "same", disconnect: "same" },
  },
  "live bob": { ...every("ok"), accept: WRONG, decline: WRONG, spectate: WRONG, close: "same", disconnect: "ok" },
  "live eve": {
    ...every("ok"),
    accept: STRANGER,
    decline: STRANGER,
    join: STRANGER,
    leave: STRANGER,
    close: "same",
    disconnect: "same",
  },
  "ended bob": { ...every(OVER), end: "same", report: "ok", disconnect: "same" },
  "ended eve": { ...every(OVER), end: "same", report: "ok", disconnect: "same" },
  "reported bob": { ...every(OVER), end: "same", report: "same", disconnect: "same" },
  "dissolved bob": { ...every(OVER), end: "same", report: "same", disconnect: "same" },
  "dissolved ann": { ...every(OVER), accept: "same", end: "same", report: "same", disconnect: "same" },
  "dissolved dan": { ...every(OVER), decline: "same", end: "same", report: "same", disconnect: "same" },
};

function every(result: LifeOutcome): Record<OperationName, LifeOutcome> {
  const names = Object.keys(OPERATIONS);
  return Object.fromEntries(names.map((name) => [name, result])) as Record<OperationName, LifeOutcome>;
}
