import { describe, expect, it } from "vitest";
import { checkHistory } from "./check-history.ts";
import { type Call, type History, VIOLATIONS, type ViolationKind } from "./history.ts";
import {
  accepted,
  also,
  answersBut,
  asked,
  ENQUEUED,
  ended,
  enqueued,
  event,
  expiredAway,
  history,
  inTeams,
  keyed,
  led,
  matched,
  matchedWith,
  matchOf,
  over,
  player,
  queued,
  room,
  saw,
  ticketOf,
  twoMatchesOfAnn,
  twoPartitions,
  withMatch,
  withTicket,
} from "./sample-histories.ts";

const PLANTED: Record<ViolationKind, History[]> = {
  "double match": [
    history({
      left: withMatch(
        matchOf("m_0", {
          ...{ createdAt: 1, endedAt: 900, dissolved: "tooFew" },
          teams: [{ name: "1", players: [player("ann", "t_old")] }],
        }),
      ),
    }),
    // By times that are within what clocks may differ by, but in an order that tells.
    history({
      ...twoMatchesOfAnn(),
      events: [matchedWith("m_1", "t_ann t_bob"), matchedWith("m_2", "t_eve t_fay"), over("m_1"), over("m_2")],
    }),
  ],
  "double ticket": [
    history({
      events: [queued("t_ann"), queued("t_dan"), ended("t_ann", "cancelled")],
      calls: [...history().calls, { call: "enqueue", players: ["ann"], outcome: "done", ticket: "t_dan" }],
      left: withTicket(ticketOf("t_dan", "ann", { status: "expired" })),
    }),
  ],
  "in two partitions": [twoPartitions(7, 6)],
  "party split": [room({ teams: inTeams(["ann", "bob"]) }), room({ teams: inTeams(["ann", "bob"], ["abe"]) })],
  "place taken twice": [
    history({
      left: withMatch(
        matchOf("m_1", {
          teams: [
            { name: "1", players: [player("ann", "t_ann"), player("bob", "t_bob")] },
            { name: "2", players: [] },
          ],
        }),
      ),
    }),
  ],
  "two outcomes of one call": [
    history({
      calls: also(keyed("ann", "k", "t_ann"), keyed("ann", "k", "t_dan")),
      left: withTicket(ticketOf("t_dan", "ann", { status: "expired" })),
    }),
  ],
  "wrong outcome of a ready check": [
    asked({ calls: answersBut("accept", "m_0") }),
    asked({ calls: answersBut("decline", "m_0") }),
    asked({
      off: { teams: ["ann", "dan"].map((id) => ({ name: id, players: [player(id, `t_${id}`)] })) },
      calls: answersBut("accept", "m_0"),
    }),
    asked({ dan: ticketOf("t_dan", "dan", { status: "expired" }), off: { dissolved: "silent" } }),
    asked({
      off: { dissolved: "silent", teams: [{ name: "1", players: [accepted("ann")] }] },
      calls: answersBut("decline", "m_0"),
    }),
    asked({ played: { teams: matchOf("m_1").teams }, calls: answersBut("accept", "m_1") }),
  ],
  "thrown out": [expiredAway([]), expiredAway([{ player: "dan", from: 0, to: 1_000 }])],
  "two ends of one ticket": [
    history({ events: [queued("t_cat"), ended("t_cat", "expired"), ended("t_cat", "cancelled")] }),
    history({ events: [queued("t_ann"), ended("t_ann", "expired"), matchedWith("m_1", "t_ann t_bob")] }),
  ],
  "lost ticket": [
    history({ left: withTicket(ticketOf("t_cat", "cat", { status: "queued" })), calls: ENQUEUED }),
    history({ left: { players: new Map([["ann", { state: "inmatch", version: 3 }]]) } }),
  ],
  "half-applied commit": [
    history({ left: withTicket(ticketOf("t_bob", "bob", { status: "expired" })) }),
    history({ left: withTicket(ticketOf("t_cat", "cat")), calls: ENQUEUED }),
    // Nobody left before it began.
    room({}, { status: "cancelled", reason: "left" }),
  ],
  "wrong outcome of a cancel": [
    history({ calls: also({ call: "cancel", players: [], outcome: "done", ticket: "t_ann", said: "cancelled" }) }),
    history({
      calls: also({ call: "cancel", players: [], outcome: "done", ticket: "t_ann", said: "matched", match: "m_2" }),
    }),
  ],
  "version going back": [history({ seen: [saw(1), saw(3), saw(2), saw(3)] })],
  "watcher left behind": [history({ seen: [saw(1), saw(3), saw(2, "two")] })],
  "success without effect": [
    history({ calls: also(enqueued("dan")) }),
    history({ calls: also({ call: "change", players: [], outcome: "done", ticket: "t_ann", version: 2 }) }),
    history({ calls: also({ call: "end", players: [], outcome: "done", match: "m_2" }) }),
    history({ calls: also({ ...enqueued("ann"), ticket: "t_bob" }) }),
    history({ calls: also({ call: "accept", players: ["ann"], outcome: "done", match: "m_1" }) }),
    room({
      teams: inTeams(["ann", "abe", "bob"]).map(({ name, players }) => ({
        name,
        players: players.map(({ presence: _, ...each }) => each),
      })),
    }),
    history({ calls: also({ call: "leave", players: ["ann"], outcome: "done", match: "m_1" }) }),
  ],
  "refusal with effect": [
    history({
      calls: [...history().calls, { call: "enqueue", players: ["dan"], outcome: "refused" }],
      left: {
        ...withTicket(ticketOf("t_dan", "dan", { status: "expired" })),
        players: new Map([["dan", { state: "idle", version: 3 }]]),
      },
      seen: [],
    }),
    history({
      calls: [...ENQUEUED, { call: "cancel", players: [], outcome: "refused" }],
    }),
  ],
  "ticket of an old version committed": [
    history({ left: withTicket(ticketOf("t_ann", "ann", { version: 2, players: [{ id: "ann", elo: 1_001 }] })) }),
  ],
  "commit by a former leader": [history({ events: [led("a"), led("b"), matched("a")] })],
  inconsistent: [history({ left: { inconsistencies: ["player ann is inqueue, but ticket t is not there"] } })],
};

describe("the checker", () => {
  it("finds nothing where nothing is wrong", () => {
    expect(checkHistory(history())).toEqual([]);
  });

  it.each(VIOLATIONS)("catches a planted: %s", (kind) => {
    for (const planted of PLANTED[kind])
      expect(new Set(checkHistory(planted).map((found) => found.kind))).toEqual(new Set([kind]));
    expect(PLANTED[kind].length).toBeGreaterThan(0);
  });

  it("finds nothing in matches and tickets that followed each other, nor in a ticket that waited again", () => {
    const inTurn = [queued("t_ann"), matchedWith("m_1", "t_ann t_bob"), over("m_1"), queued("t_eve")];
    expect(
      checkHistory(
        history({ ...twoMatchesOfAnn(), events: [...inTurn, matchedWith("m_2", "t_eve t_fay"), over("m_2")] }),
      ),
    ).toEqual([]);
    expect(checkHistory(history({ events: [queued("t_cat"), queued("t_cat"), ended("t_cat", "cancelled")] }))).toEqual(
      [],
    );
  });

  it("finds nothing in ready checks that went as they were answered, nor in a session that was left and filled", () => {
    expect(checkHistory(asked())).toEqual([]);
    expect(checkHistory(room())).toEqual([]);
  });

  it("finds nothing in a ticket that came out of a match and went into one that was made before its end", () => {
    const before = matchOf("m_0", { createdAt: 1, endedAt: 900, dissolved: "tooFew" });
    expect(checkHistory(history({ left: withMatch(before) }))).toEqual([]);
  });

  it("finds nothing in who went from one partition to the other, nor in who was away and lost its ticket", () => {
    expect(checkHistory(twoPartitions(6, 6))).toEqual([]);
    expect(checkHistory(expiredAway([{ player: "dan", from: 3_000, to: Infinity }]))).toEqual([]);
  });

  it("finds nothing in a call that was repeated and answered as before", () => {
    const unanswered: Call = { call: "enqueue", players: ["ann"], outcome: "unknown", key: "k" };
    const repeated = [unanswered, keyed("ann", "k", "t_ann"), keyed("ann", "k", "t_ann")];
    expect(checkHistory(history({ calls: also(...repeated) }))).toEqual([]);
  });

  it("follows tickets of matches that have not begun: who is cancelled then has ended once", () => {
    const { left, calls } = room({ startedAt: 6 });
    const events = [
      ...["t_ann", "t_bob", "t_eve"].map(queued),
      matchedWith("m_1", "t_ann t_bob t_eve"),
      event({ type: "left", queue: "room", at: 5, match: "m_1", player: "eve" }),
      ended("t_eve", "cancelled"),
      event({ type: "started", queue: "room", at: 6, match: "m_1" }),
    ];
    expect(checkHistory(history({ calls, left, events }))).toEqual([]);
    const twice = [...events, ended("t_bob", "expired")];
    expect(checkHistory(history({ calls, left, events: twice })).map(({ kind }) => kind)).toEqual([
      "two ends of one ticket",
    ]);
  });

  it("takes a call without an answer for neither done nor refused", () => {
    const unknown: Call = { call: "enqueue", players: ["dan"], outcome: "unknown" };
    expect(
      checkHistory(history({ calls: also(unknown, { call: "cancel", players: [], outcome: "unknown" }) })),
    ).toEqual([]);
  });
});
