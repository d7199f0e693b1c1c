import type { Match, Ticket } from "@muster/core";
import type { Call, History, Left, PartitionEvent, Seen } from "./history.ts";
import { QUEUES } from "./queues.ts";

export const ticketOf = (id: string, player: string, changes: Partial<Ticket> = {}): Ticket => ({
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
export const player = (id: string, ticket: string) => ({ id, elo: 1_000, ticket });
export const matchOf = (id: string, changes: Partial<Match> = {}): Match => ({
  ...{ id, queue: "duel", state: "ended", version: 2, createdAt: 5, startedAt: 5, endsAt: 99, endedAt: 10 },
  ...{ joined: 0, eloGap: 0, quality: 1 },
  teams: [
    { name: "1", players: [player("ann", "t_ann")] },
    { name: "2", players: [player("bob", "t_bob")] },
  ],
  ...changes,
});
export const enqueued = (id: string): Call => ({ call: "enqueue", players: [id], outcome: "done", ticket: `t_${id}` });
export const saw = (version: number, watcher = "one"): Seen => ({
  watcher,
  player: "ann",
  version,
  state: "idle",
  at: version,
});
export const event = (fields: PartitionEvent["event"], partition = "main", at = 1): PartitionEvent => ({
  ...{ id: `${at}-1`, event: fields, partition },
});
export const matched = (mover: string) =>
  event({ type: "matched", queue: "duel", at: 5, match: "m_1", eloGap: 0, mover });
export const led = (mover: string) => event({ type: "led", queue: "", at: 1, mover });

export const queued = (ticket: string) => event({ type: "queued", queue: "duel", at: 1, ticket });
export const ended = (ticket: string, type: "cancelled" | "expired") =>
  event({ type, queue: "duel", at: 2, ticket, createdAt: 1, tries: 0 });
export const matchedWith = (match: string, tickets: string) =>
  event({ type: "matched", queue: "duel", at: 5, match, eloGap: 0, tickets });

/** Two were matched and played, one took its ticket back, and everybody was told. */
export const history = (changes: Partial<Omit<History, "left">> & { left?: Partial<Left> } = {}): History => {
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
export const ENQUEUED = ["ann", "bob", "cat"].map(enqueued);
export const also = (...calls: Call[]): Call[] => [...history().calls, ...calls];
export const withTicket = (ticket: Ticket) => ({ tickets: new Map(history().left.tickets).set(ticket.id, ticket) });
export const withMatch = (match: Match) => ({ matches: new Map(history().left.matches).set(match.id, match) });

export const over = (match: string) => event({ type: "ended", queue: "duel", at: 10, match });
/** One after the other by their times. */
export const twoMatchesOfAnn = () => {
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

export const accepted = (id: string) => ({ ...player(id, `t_${id}`), accepted: true as const });
/** Two who accepted a match that then was played, and one who declined the match before it. */
export const asked = (
  changes: { calls?: Call[]; played?: Partial<Match>; off?: Partial<Match>; dan?: Ticket } = {},
) => {
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
      { name: "2", players: [{ ...player("dan", "t_dan"), declined: true as const }] },
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
export const answersBut = (call: Call["call"], match: string) =>
  asked().calls.filter(
    (each) => each.match !== undefined && !(each.call === call && each.match === match) && each.call !== "end",
  );

/** Two who queued together, in the match of five and two places of which one was joined, left and taken again. */
export const room = (changes: Partial<Match> = {}, ticket: Partial<Ticket> = {}) => {
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
export const inTeams = (...teams: string[][]) =>
  teams.map((ids, index) => ({
    name: String(index + 1),
    players: ids.map((id) => ({
      ...player(id, id === "abe" ? "t_ann" : `t_${id}`),
      ...(id === "ann" && { presence: "PLAYED" as const }),
    })),
  }));

const inEu = (at: number, fields: PartitionEvent["event"]) => event(fields, "eu", at);
const inMain = (at: number, fields: PartitionEvent["event"]) => event(fields, "main", at);
/** Ann cancels in one partition, then queues in the other; with the times of the first end and the second beginning. */
export const twoPartitions = (endedAt: number, queuedAt: number) =>
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

export const expiredAway = (gone: History["gone"]) =>
  history({
    gone,
    calls: also(enqueued("dan")),
    left: withTicket(
      ticketOf("t_dan", "dan", { createdAt: 2_000, status: "expired", reason: "disconnected", endedAt: 4_000 }),
    ),
  });

export const keyed = (id: string, key: string, ticket: string): Call => ({ ...enqueued(id), key, ticket });
