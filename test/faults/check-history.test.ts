import type { Match, Ticket } from "@muster/core";
import { describe, expect, it } from "vitest";
import { checkHistory } from "./check-history.ts";
import {
  type Call,
  type History,
  type Left,
  type Seen,
  type StreamEvent,
  VIOLATIONS,
  type ViolationKind,
} from "./history.ts";
import { QUEUES } from "./queues.ts";

const ticketOf = (id: string, player: string, changes: Partial<Ticket> = {}): Ticket => ({
  ...{
    id,
    queue: "duel",
    status: "matched",
    version: 1,
    tries: 0,
    createdAt: 0,
    expiresAt: 9,
    endedAt: 5,
    match: "m_1",
  },
  players: [{ id: player, elo: 1_000 }],
  ...changes,
});
const player = (id: string, ticket: string) => ({ id, elo: 1_000, ticket });
const matchOf = (id: string, changes: Partial<Match> = {}): Match => ({
  ...{ id, queue: "duel", state: "ended", version: 2, createdAt: 5, startedAt: 5, endsAt: 99, endedAt: 10 },
  ...{ joined: 0, eloGap: 0, quality: 1 },
  teams: [
    { name: "1", players: [player("ann", "t_ann")] },
    { name: "2", players: [player("bob", "t_bob")] },
  ],
  ...changes,
});
const enqueued = (id: string): Call => ({ call: "enqueue", players: [id], outcome: "done", ticket: `t_${id}` });
const saw = (version: number, watcher = "one"): Seen => ({
  watcher,
  player: "ann",
  version,
  state: "idle",
  at: version,
});
const event = (fields: StreamEvent["event"], partition = "main", at = 1): StreamEvent => ({
  ...{ id: `${at}-1`, event: fields, partition },
});
const matched = (mover: string) => event({ type: "matched", queue: "duel", at: 5, match: "m_1", eloGap: 0, mover });
const led = (mover: string) => event({ type: "led", queue: "", at: 1, mover });

const queued = (ticket: string) => event({ type: "queued", queue: "duel", at: 1, ticket });
const ended = (ticket: string, type: "cancelled" | "expired") =>
  event({ type, queue: "duel", at: 2, ticket, createdAt: 1, tries: 0 });
const matchedWith = (match: string, tickets: string) =>
  event({ type: "matched", queue: "duel", at: 5, match, eloGap: 0, tickets });

/** Two were matched and played, one took its ticket back, and everybody was told. */
const history = (changes: Partial<Omit<History, "left">> & { left?: Partial<Left> } = {}): History => {
  const { left, ...rest } = changes;
  return {
    calls: [
      enqueued("ann"),
      enqueued("bob"),
      enqueued("cat"),
      { call: "cancel", players: ["cat"], outcome: "done", ticket: "t_cat", said: "cancelled" },
      { call: "end", players: [], outcome: "done", match: "m_1" },
    ],
    seen: [saw(1), saw(3), saw(1, "two"), saw(3, "two")],
    ...{ queues: QUEUES, gone: [], events: [led("a"), matched("a")] },
    ...rest,
    left: {
      tickets: new Map(
        [
          ticketOf("t_ann", "ann"),
          ticketOf("t_bob", "bob"),
          ticketOf("t_cat", "cat", { status: "cancelled", match: "" }),
        ].map((ticket) => [ticket.id, ticket]),
      ),
      matches: new Map([["m_1", matchOf("m_1")]]),
      players: new Map(["ann", "bob", "cat"].map((id) => [id, { state: "idle" as const, version: 3 }])),
      inconsistencies: [],
      ...left,
    },
  };
};
const ENQUEUED = ["ann", "bob", "cat"].map(enqueued);
const also = (...calls: Call[]): Call[] => [...history().calls, ...calls];
const withTicket = (ticket: Ticket) => ({ tickets: new Map(history().left.tickets).set(ticket.id, ticket) });
const withMatch = (match: Match) => ({ matches: new Map(history().left.matches).set(match.id, match) });

const over = (match: string) => event({ type: "ended", queue: "duel", at: 10, match });
/** One after the other by their times. */
const twoMatchesOfAnn = () => {
  const teams = [
    { name: "1", players: [player("ann", "t_eve")] },
    { name: "2", players: [player("fay", "t_fay")] },
  ];
  const others = [ticketOf("t_eve", "ann", { match: "m_2" }), ticketOf("t_fay", "fay", { match: "m_2" })];
  return {
    calls: [
      ...history().calls,
      ...["eve", "fay"].map(
        (id): Call => ({ call: "enqueue", players: [id === "eve" ? "ann" : id], outcome: "done", ticket: `t_${id}` }),
      ),
    ],
    left: {
      tickets: new Map([...history().left.tickets, ...others.map((ticket) => [ticket.id, ticket] as const)]),
      ...withMatch(matchOf("m_2", { createdAt: 10, endedAt: 20, teams })),
    },
  };
};

const accepted = (id: string) => ({ ...player(id, `t_${id}`), accepted: true as const });
/** Two who accepted a match that then was played, and one who declined the match before it. */
const asked = (changes: { calls?: Call[]; played?: Partial<Match>; off?: Partial<Match>; dan?: Ticket } = {}) => {
  const inAsked = { queue: "asked" };
  const played = matchOf("m_1", {
    ...inAsked,
    teams: [
      { name: "1", players: [accepted("ann")] },
      { name: "2", players: [accepted("bob")] },
    ],
    ...changes.played,
  });
  const { startedAt: _, ...off } = matchOf("m_0", {
    ...{ ...inAsked, createdAt: 1, endedAt: 2, dissolved: "declined" },
    teams: [
      { name: "1", players: [accepted("ann")] },
      { name: "2", players: [player("dan", "t_dan")] },
    ],
    ...changes.off,
  });
  const { dan = ticketOf("t_dan", "dan", { status: "cancelled", reason: "declined" }) } = changes;
  const answers = [
    ...["m_0", "m_1"].map((match): Call => ({ call: "accept", players: ["ann"], outcome: "done", match })),
    ...[{ call: "accept" as const, players: ["bob"], outcome: "unknown" as const, match: "m_1" }],
    ...[{ call: "decline" as const, players: ["dan"], outcome: "done" as const, match: "m_0" }],
  ];
  return history({
    calls: also(enqueued("dan"), ...(changes.calls ?? answers)),
    left: { ...withTicket(dan), matches: new Map([played, off].map((match) => [match.id, match])) },
  });
};
const answersBut = (call: Call["call"], match: string) =>
  asked().calls.filter(
    (each) => each.match !== undefined && !(each.call === call && each.match === match) && each.call !== "end",
  );

/** Two who queued together, in the match of five and two places of which one was joined, left and taken again. */
const room = (changes: Partial<Match> = {}, ticket: Partial<Ticket> = {}) => {
  const party = ticketOf("t_ann", "ann", {
    ...{ queue: "room", players: ["ann", "abe"].map((id) => ({ id, elo: 1_000 })) },
    ...ticket,
  });
  const inRoom = [player("ann", "t_ann"), player("abe", "t_ann"), player("bob", "t_bob")];
  const there = inRoom.map((each) => ({ ...each, presence: "PLAYED" as const }));
  const calls: Call[] = [
    { call: "enqueue", players: ["ann", "abe"], outcome: "done", ticket: "t_ann" },
    ...["bob", "cat"].map(enqueued),
    { call: "cancel", players: ["cat"], outcome: "done", ticket: "t_cat", said: "cancelled" },
    { call: "join", players: ["ann"], outcome: "done", match: "m_1" },
    { call: "leave", players: ["eve"], outcome: "done", match: "m_1" },
    enqueued("eve"),
  ];
  const gone = { ...player("eve", "t_eve"), presence: "LEFT" as const, team: "1", at: 5, reason: "left" as const };
  const match = matchOf("m_1", { queue: "room", teams: [{ name: "1", players: there }], left: [gone], ...changes });
  const eve = ticketOf("t_eve", "eve", { status: "cancelled", reason: "left" });
  const tickets = [party, ticketOf("t_bob", "bob"), eve, ticketOf("t_cat", "cat", { status: "cancelled" })];
  return history({
    calls,
    left: { matches: new Map([["m_1", match]]), tickets: new Map(tickets.map((each) => [each.id, each])) },
  });
};
const inTeams = (...teams: string[][]) =>
  teams.map((ids, index) => ({
    name: String(index + 1),
    players: ids.map((id) => ({
      ...player(id, id === "abe" ? "t_ann" : `t_${id}`),
      ...(id === "ann" && { presence: "PLAYED" as const }),
    })),
  }));

const inEu = (at: number, fields: StreamEvent["event"]) => event(fields, "eu", at);
const inMain = (at: number, fields: StreamEvent["event"]) => event(fields, "main", at);
/** Ann cancels in one partition, then queues in the other; with the times of the first end and the second beginning. */
const twoPartitions = (endedAt: number, queuedAt: number) =>
  history({
    events: [
      inMain(1, { type: "queued", queue: "duel", at: 1, ticket: "t_fay" }),
      inMain(endedAt, { type: "cancelled", queue: "duel", at: 1, ticket: "t_fay", createdAt: 1, tries: 0 }),
      inEu(queuedAt, { type: "queued", queue: "eu-duel", at: 1, ticket: "t_eu.gil" }),
      inEu(99, { type: "expired", queue: "eu-duel", at: 1, ticket: "t_eu.gil", createdAt: 1, tries: 0 }),
    ],
    calls: also(...["t_fay", "t_eu.gil"].map((ticket): Call => ({ ...enqueued("ann"), ticket })), {
      call: "cancel",
      players: ["ann"],
      outcome: "unknown",
      ticket: "t_fay",
    }),
    left: {
      tickets: new Map([
        ...history().left.tickets,
        ["t_fay", ticketOf("t_fay", "ann", { status: "cancelled" })],
        ["t_eu.gil", ticketOf("t_eu.gil", "ann", { status: "expired" })],
      ]),
    },
  });

const expiredAway = (gone: History["gone"]) =>
  history({
    gone,
    calls: also(enqueued("dan")),
    left: withTicket(
      ticketOf("t_dan", "dan", { createdAt: 2_000, status: "expired", reason: "disconnected", endedAt: 4_000 }),
    ),
  });

const keyed = (id: string, key: string, ticket: string): Call => ({ ...enqueued(id), key, ticket });

const PLANTED: Record<ViolationKind, History[]> = {
  "double match": [
    history({ left: withMatch(matchOf("m_0", { createdAt: 1, endedAt: 900, dissolved: "tooFew" })) }),
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
