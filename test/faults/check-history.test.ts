import type { Match, StreamEntry, Ticket } from "@muster/core";
import { describe, expect, it } from "vitest";
import { checkHistory } from "./check-history.ts";
import type { Call, History, Left, Seen, ViolationKind } from "./history.ts";
import { VIOLATIONS } from "./history.ts";

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
const event = (fields: StreamEntry["event"]): StreamEntry => ({ id: "1-1", event: fields });
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
    events: [led("a"), matched("a")],
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

  it("takes a call without an answer for neither done nor refused", () => {
    const unknown: Call = { call: "enqueue", players: ["dan"], outcome: "unknown" };
    expect(
      checkHistory(history({ calls: also(unknown, { call: "cancel", players: [], outcome: "unknown" }) })),
    ).toEqual([]);
  });
});
