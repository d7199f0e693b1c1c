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
const withTicket = (ticket: Ticket) => ({ tickets: new Map(history().left.tickets).set(ticket.id, ticket) });
const withMatch = (match: Match) => ({ matches: new Map(history().left.matches).set(match.id, match) });

const PLANTED: Record<ViolationKind, History[]> = {
  "double match": [history({ left: withMatch(matchOf("m_0", { createdAt: 1, endedAt: 900, dissolved: "tooFew" })) })],
  "lost ticket": [
    history({ left: withTicket(ticketOf("t_cat", "cat", { status: "queued" })), calls: [enqueued("cat")] }),
    history({ left: { players: new Map([["ann", { state: "inmatch", version: 3 }]]) } }),
  ],
  "half-applied commit": [
    history({ left: withTicket(ticketOf("t_bob", "bob", { status: "expired" })) }),
    history({ left: withTicket(ticketOf("t_cat", "cat")), calls: [] }),
  ],
  "wrong outcome of a cancel": [
    history({ calls: [{ call: "cancel", players: [], outcome: "done", ticket: "t_ann", said: "cancelled" }] }),
    history({
      calls: [{ call: "cancel", players: [], outcome: "done", ticket: "t_ann", said: "matched", match: "m_2" }],
    }),
  ],
  "version going back": [history({ seen: [saw(1), saw(3), saw(2), saw(3)] })],
  "watcher left behind": [history({ seen: [saw(1), saw(3), saw(2, "two")] })],
  "success without effect": [
    history({ calls: [enqueued("dan")] }),
    history({ calls: [{ call: "change", players: [], outcome: "done", ticket: "t_ann", version: 2 }] }),
    history({ calls: [{ call: "end", players: [], outcome: "done", match: "m_2" }] }),
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

  it("takes a call without an answer for neither done nor refused", () => {
    const unknown: Call = { call: "enqueue", players: ["dan"], outcome: "unknown" };
    expect(checkHistory(history({ calls: [unknown, { call: "cancel", players: [], outcome: "unknown" }] }))).toEqual(
      [],
    );
  });
});
