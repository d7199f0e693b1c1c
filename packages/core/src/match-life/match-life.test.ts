import { describe, expect, it } from "vitest";
import { MusterError } from "../errors.ts";
import type { Match } from "../match.ts";
import { acceptMatch } from "./accept-match.ts";
import { dueAt, type MatchChange, withState } from "./change.ts";
import { createMatch } from "./create-match.ts";
import { declineMatch } from "./decline-match.ts";
import { endMatch } from "./end-match.ts";
import { joinMatch } from "./join-match.ts";
import { leaveMatch } from "./leave-match.ts";
import { notePresence } from "./note-presence.ts";
import { settleMatch } from "./settle-match.ts";
import { MAX_SPECTATORS, spectateMatch } from "./spectate-match.ts";
import {
  asked,
  forming,
  formingWithAnn,
  live,
  MATCHES,
  OPERATIONS,
  type Operation,
  opened,
  session,
  TABLE,
  TEAMS,
  waiting,
} from "./test-life.ts";
import { foundOf, queueOf } from "./test-matches.ts";

/** `ok`: it changes something; `same`: it is a repeat, and changes nothing; else the code that it is refused with. */
const outcome = (operation: Operation, match: Match, player: string): string => {
  try {
    return operation(match, player) ? "ok" : "same";
  } catch (error) {
    if (!(error instanceof MusterError)) throw error;
    expect(error.message).toMatch(/\w{3}.*\.$/);
    return error.code;
  }
};

const WRONG = "WRONG_STATE";

describe("what may happen to a match", () => {
  it.each(Object.entries(TABLE))("%s", (who, expected) => {
    const [name = "", player = ""] = who.split(" ");
    const match = MATCHES[name];
    if (!match) throw new Error(`no match ${name}`);
    const outcomes = Object.entries(OPERATIONS).map(([operation, run]) => [operation, outcome(run, match, player)]);
    expect(Object.fromEntries(outcomes)).toEqual(expected);
  });

  it("never changes the match that it is given", () => {
    for (const match of Object.values(MATCHES)) {
      const before = structuredClone(match);
      for (const run of Object.values(OPERATIONS)) outcome(run, match, "bob");
      for (const now of [0, 5_000, 50_000]) settleMatch(session, match, now);
      expect(match).toEqual(before);
    }
  });
});

describe("a ready check", () => {
  const acceptAll = (queue = asked) =>
    ["ann", "bob", "cat", "dan"].reduce<MatchChange | undefined>(
      (change, player) => acceptMatch(queue, change?.match ?? forming, player, 10),
      undefined,
    );

  it("forms the match when all have accepted", () => {
    expect(forming).toMatchObject({ state: "forming", readyBy: 1_000 });
    const last = acceptAll();
    expect(last?.match).toMatchObject({ state: "live", startedAt: 10, endsAt: 10_010 });
    expect(last?.match.readyBy).toBeUndefined();
    expect(last?.events).toEqual([{ type: "accepted", player: "dan" }, { type: "started" }]);
  });

  it("is followed by the wait for players to join, in a queue with sessions", () => {
    const change = acceptAll({ ...asked, session: { joinWithinMs: 500 } } as typeof asked);
    expect(change?.match).toMatchObject({ state: "open", startsAt: 510 });
    expect(change?.events).toEqual([{ type: "accepted", player: "dan" }, { type: "formed" }]);
  });

  it("sends those who accepted back to the front when somebody declines, and ends the other tickets", () => {
    const change = declineMatch(asked, formingWithAnn, "dan", 20);
    expect(change).toMatchObject({
      match: { state: "ended", dissolved: "declined", endedAt: 20 },
      requeued: ["t_ann"],
      dropped: [
        { id: "t_bob", reason: "silent" },
        { id: "t_cat", reason: "silent" },
        { id: "t_dan", reason: "declined" },
      ],
      coolDowns: [{ player: "dan", cause: "declined" }],
    });
  });

  it("tells who declined it", () => {
    const players = declineMatch(asked, formingWithAnn, "ann", 20)?.match.teams.flatMap((team) => team.players);
    expect(players?.filter(({ declined }) => declined).map(({ id }) => id)).toEqual(["ann"]);
  });

  it("knows who accepted it, also of one whose connection went before it was off", () => {
    const gone = notePresence(asked, formingWithAnn, new Set(["ann"]), true, 15)?.match ?? forming;
    const off = declineMatch(asked, gone, "dan", 20)?.match ?? forming;
    expect(off).toMatchObject({ state: "ended", teams: [{ players: [{ id: "ann", away: true }, {}] }, {}] });
    expect(acceptMatch(asked, off, "ann", 30)).toBeUndefined();
  });

  it("keeps the undecided where the queue says so", () => {
    const lenient = queueOf({ readyCheck: { withinMs: 1_000, requeueUndecided: true } });
    expect(declineMatch(lenient, formingWithAnn, "dan", 20)?.requeued).toEqual(["t_ann", "t_bob", "t_cat"]);
  });

  it("never splits a party: all of it waits again, or none", () => {
    const match = createMatch(asked, foundOf({ "1": ["ann+bob"], "2": ["cat+dan"] }), 0);
    const accepted = ["ann", "cat", "dan"].reduce(
      (so, player) => acceptMatch(asked, so, player, 5)?.match ?? so,
      match,
    );
    const change = settleMatch(asked, accepted, 1_000);
    expect(change).toMatchObject({ requeued: ["t_cat+dan"], dropped: [{ id: "t_ann+bob", reason: "silent" }] });
    expect(change?.coolDowns).toEqual([{ player: "bob", cause: "declined" }]);
  });

  it("is not passed while one who accepted is away", () => {
    const gone = notePresence(asked, formingWithAnn, new Set(["ann", "eve"]), true, 20);
    expect(gone?.events).toEqual([{ type: "disconnected", player: "ann" }]);
    const others = ["bob", "cat", "dan"].reduce(
      (so, id) => acceptMatch(asked, so, id, 30)?.match ?? so,
      gone?.match ?? forming,
    );
    expect(others).toMatchObject({ state: "forming" });
    expect(notePresence(asked, others, new Set(["ann"]), true, 40)).toBeUndefined();
    expect(notePresence(asked, others, new Set(["ann"]), false, 40)).toMatchObject({
      match: { state: "live", startedAt: 40 },
      events: [{ type: "reconnected", player: "ann" }, { type: "started" }],
    });
    // To accept again is a sign of life, too.
    expect(acceptMatch(asked, others, "ann", 50)?.match).toMatchObject({ state: "live" });
    expect(settleMatch(asked, others, 1_000)).toMatchObject({
      match: { state: "ended", dissolved: "disconnected" },
      requeued: ["t_ann", "t_bob", "t_cat", "t_dan"],
      coolDowns: [],
    });
  });

  it("is over at its deadline, and not before", () => {
    expect(settleMatch(asked, forming, 999)).toBeUndefined();
    expect(outcome((match, player) => acceptMatch(asked, match, player, 1_000), forming, "ann")).toBe(WRONG);
    expect(settleMatch(asked, forming, 1_000)?.match).toMatchObject({ state: "ended", dissolved: "silent" });
  });
});

describe("a session", () => {
  const join = (match: Match, ...players: string[]) =>
    players.reduce((so, player) => joinMatch(session, so, player, 100)?.match ?? so, match);

  it("begins when all have joined", () => {
    expect(waiting).toMatchObject({ state: "open", startsAt: 2_000, joined: 0 });
    expect(join(waiting, "ann", "bob", "cat")).toMatchObject({ state: "open", joined: 3 });
    expect(join(waiting, "ann", "bob", "cat", "dan")).toMatchObject({ state: "live", startedAt: 100, joined: 4 });
  });

  it("begins without those who never joined, when enough have, and opens their places", () => {
    const late = settleMatch(session, join(waiting, "ann", "cat"), 2_000);
    expect(late?.events).toEqual([
      { type: "left", player: "bob" },
      { type: "left", player: "dan" },
      { type: "started" },
    ]);
    expect(late?.dropped).toEqual([
      { id: "t_bob", reason: "noShow" },
      { id: "t_dan", reason: "noShow" },
    ]);
    expect(late?.match).toMatchObject({ state: "open", startedAt: 2_000, teams: [{ open: 1 }, { open: 1 }] });
  });

  it("begins when the last one awaited leaves", () => {
    const change = leaveMatch(session, join(waiting, "ann", "bob", "cat"), "dan", 100);
    expect(change).toMatchObject({
      match: { state: "open", startedAt: 100, endsAt: 10_100 },
      events: [{ type: "left", player: "dan" }, { type: "started" }],
      dropped: [{ id: "t_dan", reason: "left" }],
    });
  });

  it("dissolves at once when somebody leaves whose place nobody may take, and without whom it can't begin", () => {
    const strict = queueOf({ session: { joinWithinMs: 2_000 } });
    const match = createMatch(strict, foundOf(TEAMS), 0);
    expect(leaveMatch(strict, match, "dan", 100)).toMatchObject({
      match: { state: "ended", dissolved: "tooFew" },
      events: [{ type: "left", player: "dan" }, { type: "dissolved" }],
      requeued: ["t_ann", "t_bob", "t_cat"],
      dropped: [{ id: "t_dan", reason: "left" }],
    });
    expect(settleMatch(strict, join(match, "ann", "bob", "cat"), 2_000)).toMatchObject({
      match: { dissolved: "tooFew" },
      requeued: ["t_ann", "t_bob", "t_cat"],
      dropped: [{ id: "t_dan", reason: "noShow" }],
    });
  });

  it("waits until its time with those who may still take a place", () => {
    const left = ["ann", "bob"].reduce((so, id) => leaveMatch(session, so, id, 100)?.match ?? so, waiting);
    expect(left).toMatchObject({ state: "open", teams: [{ open: 2 }, {}] });
    expect(left.startedAt).toBeUndefined();
  });

  it("dissolves when too few have joined: those who did are back at the front", () => {
    const late = settleMatch(session, join(waiting, "ann", "bob"), 2_000)?.match ?? waiting;
    expect(settleMatch(session, late, 2_000)).toMatchObject({
      match: { state: "ended", dissolved: "tooFew" },
      requeued: ["t_ann", "t_bob"],
      dropped: [],
    });
  });

  it("waits for its time to begin, where it has one", () => {
    const timed = { ...session, session: { joinWithinMs: 2_000, startAfterMs: 5_000 } };
    const match = createMatch(timed, foundOf(TEAMS), 0);
    const all = ["ann", "bob", "cat", "dan"].reduce((so, id) => joinMatch(timed, so, id, 100)?.match ?? so, match);
    expect(all).toMatchObject({ state: "open", startsAt: 5_000 });
    expect(settleMatch(timed, all, 4_999)).toBeUndefined();
    expect(settleMatch(timed, all, 5_000)?.match).toMatchObject({ state: "live", startedAt: 5_000, endsAt: 15_000 });
  });

  it("calls a no-show before its time to begin, so that the place can be filled by then", () => {
    const timed = { ...session, session: { joinWithinMs: 2_000, startAfterMs: 5_000 } };
    const match = createMatch(timed, foundOf(TEAMS), 0);
    const some = ["ann", "bob", "cat"].reduce((so, id) => joinMatch(timed, so, id, 100)?.match ?? so, match);
    expect(dueAt(some)).toBe(2_000);
    const late = settleMatch(timed, some, 2_000);
    expect(late).toMatchObject({
      match: { state: "open", teams: [{}, { open: 1 }], left: [{ id: "dan", reason: "noShow" }] },
      dropped: [{ id: "t_dan", reason: "noShow" }],
    });
    expect(late?.match.startedAt).toBeUndefined();
    const soon = { ...session, session: { joinWithinMs: 9_000, startAfterMs: 5_000 } };
    expect(dueAt(createMatch(soon, foundOf(TEAMS), 0))).toBe(5_000);
  });

  it("begins at its time with those who are there: who is still on its way doesn't count", () => {
    const onItsWay = (match: Match) => ({
      ...match,
      teams: match.teams.map((team) => ({
        ...team,
        players: team.players.map((player) => (player.presence ? player : { ...player, joinBy: 2_500 })),
      })),
    });
    const here = onItsWay(join(waiting, "ann", "cat"));
    expect(settleMatch(session, here, 2_000)?.match).toMatchObject({ startedAt: 2_000, joined: 2 });
    expect(settleMatch(session, onItsWay(join(waiting, "ann")), 2_000)).toMatchObject({
      match: { dissolved: "tooFew" },
      requeued: ["t_ann", "t_bob", "t_cat", "t_dan"],
    });
  });

  it("is over when the last one leaves before it began", () => {
    const left = ["ann", "bob", "cat"].reduce((so, id) => leaveMatch(session, so, id, 100)?.match ?? so, waiting);
    expect(leaveMatch(session, left, "dan", 100)).toMatchObject({
      match: { state: "ended", dissolved: "tooFew" },
      dropped: [{ id: "t_dan", reason: "left" }],
    });
  });

  it("drops a party of which somebody left, when it dissolves", () => {
    const match = createMatch(session, foundOf({ "1": ["ann+bob"], "2": ["cat"] }), 0);
    const left = leaveMatch(session, join(match, "ann"), "bob", 100)?.match ?? match;
    const late = settleMatch(session, left, 2_000)?.match ?? left;
    expect(settleMatch(session, late, 2_000)).toMatchObject({
      match: { dissolved: "tooFew" },
      requeued: [],
      dropped: [{ id: "t_ann+bob", reason: "left" }],
    });
  });
});

describe("the end of a match", () => {
  it("comes by itself when its time is over", () => {
    expect(settleMatch(asked, live, 10_009)).toBeUndefined();
    expect(settleMatch(asked, live, 10_010)).toMatchObject({ match: { state: "ended", endedAt: 10_010 } });
  });

  it("comes after a ready check that takes longer than the match may", () => {
    const slow = queueOf({ readyCheck: { withinMs: 30_000 } });
    const asking = createMatch(slow, foundOf(TEAMS), 0);
    expect(dueAt(asking)).toBe(30_000);
    expect(settleMatch(slow, asking, 10_000)).toBeUndefined();
    expect(settleMatch(slow, asking, 30_000)?.match).toMatchObject({ dissolved: "silent" });
  });

  it("takes how it went once, also after its time or the last player's leaving has ended it", () => {
    const byTime = settleMatch(asked, live, 10_010)?.match ?? live;
    const late = endMatch(byTime, { scores: { ann: 3, dan: 1 } }, 11_000);
    expect(late).toMatchObject({
      match: { endedAt: 10_010, reported: true, teams: [{ players: [{ score: 3, presence: "PLAYED" }, {}] }, {}] },
      events: [{ type: "reported" }],
    });
    expect(endMatch(late?.match ?? live, { scores: { ann: 1 } }, 12_000)).toBeUndefined();

    const gone = ["ann", "bob", "cat", "dan"].reduce((so, id) => leaveMatch(asked, so, id, 20)?.match ?? so, live);
    expect(endMatch(gone, { places: { "1": 1, "2": 2 } }, 30)?.match).toMatchObject({ reported: true, endedAt: 20 });
    expect(() => endMatch(gone, { scores: { eve: 2 } }, 30)).toThrow(/scores\.eve/);

    expect(endMatch(live, { scores: {} }, 30)?.match.reported).toBe(true);
    expect(endMatch(live, {}, 30)?.match.reported).toBeUndefined();
  });

  it("counts nobody as having played who was still awaited", () => {
    const some = joinMatch(session, joinMatch(session, waiting, "ann", 5)?.match ?? waiting, "cat", 6)?.match;
    expect(endMatch(some ?? waiting, { scores: { ann: 3, bob: 0 } }, 50)).toMatchObject({
      match: {
        state: "ended",
        teams: [{ players: [{ id: "ann", presence: "PLAYED", score: 3 }] }, { players: [{ id: "cat" }] }],
        left: [
          { id: "bob", presence: "LEFT", reason: "noShow", score: 0 },
          { id: "dan", presence: "LEFT", reason: "noShow" },
        ],
      },
      events: [
        { type: "left", player: "bob" },
        { type: "left", player: "dan" },
        { type: "started" },
        { type: "ended" },
      ],
      dropped: [
        { id: "t_bob", reason: "noShow" },
        { id: "t_dan", reason: "noShow" },
      ],
    });
  });

  it("keeps who played and who left, with their scores", () => {
    const { match } = endMatch(opened, { scores: { bob: 3, ann: -1 } }, 99) ?? {};
    expect(match?.teams[0]?.players).toMatchObject([{ id: "bob", presence: "PLAYED", score: 3 }]);
    expect(match?.left).toMatchObject([{ id: "ann", presence: "LEFT", score: -1 }]);
    expect(match?.spectators).toBeUndefined();
  });

  it("refuses scores of strangers, and names them", () => {
    expect(() => endMatch(live, { scores: { ann: 1, eve: 2, constructor: 3 } }, 99)).toThrow(
      /scores\.eve, scores\.constructor/,
    );
  });

  it("is followed by a cool-down for who left while it was played, where the queue says so", () => {
    const strict = queueOf({ leaveCoolDownMs: 60_000 });
    expect(leaveMatch(strict, live, "ann", 50)?.coolDowns).toEqual([{ player: "ann", cause: "left" }]);
    expect(leaveMatch(asked, live, "ann", 50)?.coolDowns).toBeUndefined();
    const unbegun = createMatch({ ...strict, session: { joinWithinMs: 2_000 } }, foundOf(TEAMS), 0);
    expect(leaveMatch(strict, unbegun, "ann", 50)?.coolDowns).toBeUndefined();
  });
});

it("tells who begins to watch, and who stops", () => {
  expect(spectateMatch(live, "eve")?.events).toEqual([{ type: "spectated", player: "eve" }]);
  expect(leaveMatch(session, opened, "eve", 50)?.events).toEqual([{ type: "unspectated", player: "eve" }]);
});

it("lets a bounded number watch", () => {
  const full = withState({ ...live, spectators: Array.from({ length: MAX_SPECTATORS }, (_, index) => `s${index}`) });
  expect(outcome((match, player) => spectateMatch(match, player), full, "eve")).toBe(WRONG);
});
