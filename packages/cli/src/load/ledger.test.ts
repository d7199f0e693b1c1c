import type { Match, StateFrame } from "@muster/core";
import { describe, expect, it } from "vitest";
import { Ledger } from "./ledger.ts";

const DUEL = { teams: { count: 2, size: 1 } };

/** A ledger of a duel queue, with helpers that speak of players by one letter. Times are counted up by hand. */
const start = (queue = DUEL) => {
  const ledger = new Ledger(queue);
  let version = 0;
  const frame = (
    player: string,
    state: StateFrame["state"],
    { ticket = `t-${player}`, match }: { ticket?: string | null; match?: string } = {},
    at = 1_000,
  ) => {
    version += 1;
    const ids = { ...(ticket !== null && { ticket }), ...(match !== undefined && { match }) };
    return ledger.frame({ op: "state", player, state, version, at: 1_000, ...ids }, at);
  };
  return {
    ledger,
    frame,
    send: (player: string, elo = 1_000, avgPingMs = 30) => ledger.sent({ id: player, elo, avgPingMs }),
    queued: (player: string, elo = 1_000, avgPingMs = 30) => {
      ledger.sent({ id: player, elo, avgPingMs });
      ledger.accepted(player, `t-${player}`, 1_000);
      frame(player, "inqueue");
    },
    inMatch: (player: string, match: string, at = 1_000) => frame(player, "inmatch", { match }, at),
    endMatch: (match: string, ...players: string[]) => {
      ledger.endAsked(match);
      ledger.ended(record(match, players));
      for (const player of players) frame(player, "idle");
    },
  };
};

const record = (id: string, players: string[], state: Match["state"] = "ended"): Match => ({
  id,
  queue: "duel",
  state,
  version: 1,
  quality: 1,
  joined: 0,
  createdAt: 1,
  endsAt: 2,
  eloGap: 0,
  teams: players.map((player, index) => ({
    name: `team ${index}`,
    players: [{ id: player, elo: 1_000 + 30 * index, ticket: `t-${player}` }],
  })),
});

const clean = { lost: 0, duplicates: 0, invalid: 0 };

describe("outcomes", () => {
  it("matched: a pair meets, and the match is news once", () => {
    const { ledger, queued, inMatch, endMatch } = start();
    queued("a", 1_000, 20);
    queued("b", 1_040, 55);
    expect(inMatch("a", "m1", 1_012)).toEqual({ matchBegan: "m1" });
    expect(inMatch("b", "m1", 1_018)).toEqual({});
    expect(ledger.lives.isFree("a")).toBe(false);
    endMatch("m1", "a", "b");
    expect(ledger.lives.isFree("a")).toBe(true);
    expect(ledger.lives.close()).toMatchObject({
      enqueued: 2,
      matched: 2,
      cancelled: 0,
      expired: 0,
      waiting: 0,
      ...clean,
    });
    expect([ledger.waitMs.percentile(1), ledger.waitMs.percentile(100)]).toEqual([12, 18]);
    expect([ledger.notifyMs.percentile(1), ledger.notifyMs.percentile(100)]).toEqual([12, 18]);
    expect(ledger.matches.eloGap.mean()).toBe(40);
    expect(ledger.matches.pingGapMs.mean()).toBe(35);
    expect(ledger.matches.open()).toEqual([]);
  });

  it("matched before the enqueue's answer arrives: it waited 0 ms", () => {
    const { ledger, send, frame, inMatch } = start();
    send("a");
    frame("a", "idle", { ticket: null });
    inMatch("a", "m1");
    expect(ledger.lives.counts()).toMatchObject({ enqueued: 0, matched: 0 });
    ledger.accepted("a", "t-a", 1_005);
    expect(ledger.lives.close()).toMatchObject({ enqueued: 1, matched: 1, ...clean });
    expect(ledger.waitMs.percentile(100)).toBe(0);
    expect(ledger.waitMs.count).toBe(1);
  });

  it("a snapshot from before the enqueue may come after its answer", () => {
    const { ledger, send, frame, inMatch } = start();
    send("a");
    ledger.accepted("a", "t-a", 1_000);
    expect(frame("a", "idle", { ticket: null })).toEqual({});
    inMatch("a", "m1");
    expect(ledger.lives.close()).toMatchObject({ matched: 1, ...clean });
  });

  it("cancelled: by the answer, in either order with the state", () => {
    const { ledger, queued, frame } = start();
    queued("a");
    queued("b");
    expect(ledger.cancelAsked("t-a")).toBe(true);
    expect(ledger.cancelAsked("t-a")).toBe(false);
    ledger.cancelAsked("t-b");
    expect(frame("a", "idle")).toEqual({});
    ledger.cancelAnswered("t-a", "cancelled");
    ledger.cancelAnswered("t-b", "cancelled");
    expect(ledger.lives.untold()).toEqual(["t-b"]);
    frame("b", "idle");
    expect(ledger.lives.close()).toMatchObject({ enqueued: 2, cancelled: 2, ...clean });
  });

  it("cancelled: by the record when the answer was lost", () => {
    const { ledger, queued, frame } = start();
    queued("a");
    ledger.cancelAsked("t-a");
    ledger.cancelUnanswered("t-a");
    expect(frame("a", "idle")).toEqual({ endedAlone: "t-a" });
    ledger.ticketRead("t-a", { status: "cancelled" });
    expect(ledger.lives.close()).toMatchObject({ cancelled: 1, ...clean });
  });

  it("a cancel that comes too late is matched, with the match that the state tells", () => {
    const { ledger, queued, inMatch } = start();
    for (const player of ["a", "b"]) queued(player);
    ledger.cancelAsked("t-a");
    ledger.cancelAnswered("t-a", "matched", "m1");
    expect(inMatch("a", "m1")).toEqual({ matchBegan: "m1" });
    inMatch("b", "m1");
    ledger.cancelAsked("t-b");
    ledger.cancelAnswered("t-b", "matched", "m1");
    expect(ledger.lives.close()).toMatchObject({ matched: 2, ...clean });
  });

  it("expired: idle without a cancel, and the record says so", () => {
    const { ledger, queued, frame } = start();
    queued("a");
    expect(frame("a", "idle")).toEqual({ endedAlone: "t-a" });
    expect(ledger.cancelAsked("t-a")).toBe(false);
    ledger.ticketRead("t-a", { status: "expired" });
    expect(ledger.lives.isFree("a")).toBe(true);
    expect(ledger.lives.close()).toMatchObject({ expired: 1, ...clean });
  });

  it("expired: by the answer to a cancel that came later", () => {
    const { ledger, queued, frame } = start();
    queued("a");
    ledger.cancelAsked("t-a");
    frame("a", "idle");
    ledger.cancelAnswered("t-a", "expired");
    expect(ledger.lives.close()).toMatchObject({ expired: 1, ...clean });
  });

  it("waiting: the record says so, until a state says more", () => {
    const { ledger, queued, inMatch } = start();
    for (const player of ["a", "b"]) {
      queued(player);
      ledger.ticketRead(`t-${player}`, { status: "queued" });
    }
    inMatch("b", "m1");
    expect(ledger.lives.stillWaiting()).toEqual(["t-a"]);
    expect(ledger.lives.unsettled()).toEqual([]);
    expect(ledger.lives.close()).toMatchObject({ enqueued: 2, matched: 1, waiting: 1, ...clean });
  });

  it("a record that was read before the ticket ended says nothing any more", () => {
    const { ledger, queued, frame } = start();
    for (const player of ["a", "b"]) queued(player);
    ledger.ticketRead("t-a", { status: "queued" });
    frame("a", "idle");
    frame("b", "idle");
    ledger.ticketRead("t-b", { status: "queued" });
    expect(ledger.lives.unsettled()).toEqual(["t-a", "t-b"]);
  });

  it("unseen: the match was over before its state was told", () => {
    const { ledger, queued, frame } = start();
    queued("a");
    expect(frame("a", "idle")).toEqual({ endedAlone: "t-a" });
    ledger.ticketRead("t-a", { status: "matched", match: "m1" });
    expect(ledger.lives.close()).toMatchObject({ matched: 1, unseen: 1, ...clean });
  });

  it("the same player may come again after its match, with another ticket", () => {
    const { ledger, queued, send, frame, inMatch, endMatch } = start();
    queued("a");
    inMatch("a", "m1");
    endMatch("m1", "a");
    send("a");
    expect(frame("a", "idle")).toEqual({});
    frame("a", "inqueue", { ticket: "t2" });
    ledger.accepted("a", "t2", 1_000);
    frame("a", "inmatch", { ticket: "t2", match: "m2" });
    expect(ledger.lives.close()).toMatchObject({ enqueued: 2, matched: 2, ...clean });
    expect(ledger.matches.begun).toBe(2);
  });
});

describe("refusals and lost answers", () => {
  it("counts refusals by code", () => {
    const { ledger, send } = start();
    for (const player of ["a", "b", "c"]) send(player);
    ledger.refused("a", { code: "OVERLOADED" });
    ledger.refused("b", { code: "OVERLOADED" });
    ledger.refused("c", { code: "INVALID" });
    expect(ledger.lives.isFree("a")).toBe(true);
    expect(ledger.lives.close()).toMatchObject({ enqueued: 0, refused: { OVERLOADED: 2, INVALID: 1 }, ...clean });
  });

  it("an enqueue without an answer counts as accepted once it is seen, before or after, or read", () => {
    const { ledger, send, frame } = start();
    for (const player of ["a", "b", "c", "d"]) send(player);
    frame("a", "inqueue");
    for (const player of ["a", "b", "c", "d"]) ledger.unknown(player);
    frame("b", "inqueue");
    expect(ledger.lives.unanswered()).toEqual(["c", "d"]);
    ledger.playerRead("c", "t-c");
    ledger.playerRead("d", undefined);
    expect(ledger.lives.counts()).toMatchObject({ enqueued: 3, waiting: 3 });
    expect(ledger.lives.close()).toMatchObject({ enqueued: 3, lost: 3, unanswered: 1, invalid: 0 });
  });

  it("busy with a ticket of its own means that an earlier attempt had been accepted", () => {
    const { ledger, send } = start();
    send("a");
    ledger.refused("a", { code: "PLAYER_BUSY", players: [{ id: "a", state: "inqueue", ticket: "t-a" }] });
    expect(ledger.lives.counts()).toMatchObject({ enqueued: 1, refused: {} });
  });
});

describe("planted violations", () => {
  it("lost: accepted, and nothing more is known", () => {
    const { ledger, queued } = start();
    for (const player of ["a", "b", "c"]) queued(player);
    ledger.ticketRead("t-a", null);
    ledger.ticketRead("t-b", { status: "matched", match: "m1" });
    const counts = ledger.lives.close();
    expect(counts).toMatchObject({ enqueued: 3, matched: 0, lost: 3, invalid: 0 });
    expect(ledger.violations.examples).toContain("lost: ticket t-a of a, last seen inqueue");
  });

  it("duplicate: a player in two matches that both go on", () => {
    const { ledger, queued, inMatch } = start();
    queued("a");
    inMatch("a", "m1");
    inMatch("a", "m2");
    expect(ledger.lives.close()).toMatchObject({ duplicates: 1 });
    expect(ledger.violations.examples).toEqual(["duplicate: a is in match m1 and in match m2"]);
  });

  it("duplicate: the second match comes with another ticket", () => {
    const { ledger, queued, inMatch, frame } = start();
    queued("a");
    inMatch("a", "m1");
    frame("a", "inmatch", { ticket: "other", match: "m2" });
    expect(ledger.lives.close()).toMatchObject({ duplicates: 1, invalid: 1 });
  });

  it("duplicate: the record of another match lists the player's ticket", () => {
    const { ledger, queued, inMatch } = start();
    for (const player of ["a", "b", "c"]) queued(player);
    inMatch("a", "m1");
    inMatch("b", "m1");
    inMatch("c", "m2");
    ledger.endAsked("m2");
    ledger.ended(record("m2", ["c", "a"]));
    expect(ledger.lives.close()).toMatchObject({ duplicates: 1 });
  });

  it("duplicate: the cancel's answer names another match than the state", () => {
    const { ledger, queued, inMatch } = start();
    queued("a");
    inMatch("a", "m1");
    ledger.cancelAsked("t-a");
    ledger.cancelAnswered("t-a", "matched", "m2");
    expect(ledger.lives.close()).toMatchObject({ duplicates: 1 });
  });

  it("no duplicate, but invalid: one ticket goes through two matches one after the other", () => {
    const { ledger, queued, inMatch, endMatch } = start();
    queued("a");
    inMatch("a", "m1");
    endMatch("m1", "a");
    inMatch("a", "m2");
    expect(ledger.lives.counts()).toMatchObject({ duplicates: 0, invalid: 1 });
  });

  it.each([
    ["answered cancelled, then seen in a match", "cancelled", true],
    ["seen in a match, then answered cancelled", "cancelled", false],
    ["answered expired, then seen in a match", "expired", true],
  ] as const)("%s", (_what, outcome, answerFirst) => {
    const { ledger, queued, inMatch } = start();
    queued("a");
    ledger.cancelAsked("t-a");
    if (!answerFirst) inMatch("a", "m1");
    ledger.cancelAnswered("t-a", outcome);
    if (answerFirst) inMatch("a", "m1");
    expect(ledger.lives.close().invalid).toBeGreaterThanOrEqual(1);
  });

  it("answered matched, but never told of the match", () => {
    const { ledger, queued } = start();
    queued("a");
    ledger.cancelAsked("t-a");
    ledger.cancelAnswered("t-a", "matched", "m1");
    expect(ledger.lives.untold()).toEqual(["t-a"]);
    expect(ledger.lives.close()).toMatchObject({ matched: 1, lost: 0, invalid: 1 });
  });

  it("answered cancelled, but never told that the player is idle", () => {
    const { ledger, queued } = start();
    queued("a");
    ledger.cancelAsked("t-a");
    ledger.cancelAnswered("t-a", "cancelled");
    expect(ledger.lives.close()).toMatchObject({ cancelled: 1, invalid: 1 });
  });

  it("the match ended, but a player was never told", () => {
    const { ledger, queued, inMatch, frame } = start();
    for (const player of ["a", "b"]) {
      queued(player);
      inMatch(player, "m1");
    }
    ledger.endAsked("m1");
    ledger.ended(record("m1", ["a", "b"]));
    frame("a", "idle");
    expect(ledger.lives.untold()).toEqual(["t-b"]);
    expect(ledger.lives.close()).toMatchObject({ matched: 2, invalid: 1 });
  });

  it("refused, but seen in the queue", () => {
    const { ledger, send, frame } = start();
    send("a");
    ledger.refused("a", { code: "OVERLOADED" });
    frame("a", "inqueue");
    expect(ledger.lives.close().invalid).toBe(1);
  });

  it("answered another ticket than seen", () => {
    const { ledger, send, frame } = start();
    send("a");
    frame("a", "inqueue", { ticket: "t1" });
    ledger.accepted("a", "t2", 1_000);
    expect(ledger.lives.close().invalid).toBe(1);
  });

  it("more players in a match than it holds", () => {
    const { ledger, queued, inMatch } = start();
    for (const player of ["a", "b", "c"]) {
      queued(player);
      inMatch(player, "m1");
    }
    expect(ledger.lives.close()).toMatchObject({ invalid: 1 });
  });

  it("a match record without a player that was seen in it", () => {
    const { ledger, queued, inMatch } = start();
    for (const player of ["a", "b"]) {
      queued(player);
      inMatch(player, "m1");
    }
    ledger.matchRead(record("m1", ["a", "c"], "live"), ledger.seenIn("m1"));
    expect(ledger.lives.close()).toMatchObject({ invalid: 1 });
  });

  it("but not a match record that was asked for before another player joined", () => {
    const { ledger, queued, inMatch } = start();
    for (const player of ["a", "b"]) queued(player);
    inMatch("a", "m1");
    const seen = ledger.seenIn("m1");
    inMatch("b", "m1");
    ledger.matchRead(record("m1", ["a"], "live"), seen);
    expect(ledger.lives.close()).toMatchObject({ invalid: 0 });
  });

  it("a match record that lists a cancelled ticket", () => {
    const { ledger, queued, inMatch, frame } = start();
    for (const player of ["a", "b"]) queued(player);
    ledger.cancelAsked("t-a");
    ledger.cancelAnswered("t-a", "cancelled");
    frame("a", "idle");
    inMatch("b", "m1");
    ledger.matchRead(record("m1", ["a", "b"], "live"), ledger.seenIn("m1"));
    expect(ledger.lives.close()).toMatchObject({ invalid: 1 });
  });

  it("an announced match that can't be ended, or is live after its end", () => {
    const { ledger, queued, inMatch } = start();
    queued("a");
    inMatch("a", "m1");
    ledger.endAsked("m1");
    ledger.ended(record("m1", ["a"], "live"));
    expect(ledger.lives.counts().invalid).toBe(1);
    ledger.endRefused("m2", "MATCH_NOT_FOUND");
    expect(ledger.lives.counts().invalid).toBe(2);
  });

  it("cancelled by nobody, a version that falls, a match without an id", () => {
    const { ledger, queued, frame } = start();
    queued("a");
    frame("a", "idle");
    ledger.ticketRead("t-a", { status: "cancelled" });
    expect(ledger.lives.counts().invalid).toBe(1);
    ledger.stale({ op: "state", player: "a", state: "inqueue", version: 1, at: 1 });
    expect(ledger.lives.counts().invalid).toBe(2);
    queued("b");
    frame("b", "inmatch");
    expect(ledger.lives.counts().invalid).toBe(3);
  });
});

it("takes the elo gap of larger teams from match records, by the teams' means", () => {
  const { ledger, queued, inMatch } = start({ teams: { count: 2, size: 2 } });
  for (const player of ["a", "b", "c", "d"]) {
    queued(player, 1_000, player === "d" ? 80 : 30);
    inMatch(player, "m1");
  }
  expect(ledger.matches.pingGapMs.mean()).toBe(50);
  expect(ledger.matches.eloGap.count).toBe(0);
  const player = (id: string, elo: number) => ({ id, elo, ticket: `t-${id}` });
  const teams = [
    { name: "1", players: [player("a", 1_000), player("b", 1_100)] },
    { name: "2", players: [player("c", 1_010), player("d", 1_190)] },
  ];
  ledger.matchRead({ ...record("m1", [], "live"), teams }, ledger.seenIn("m1"));
  expect(ledger.matches.eloGap.mean()).toBe(50);
  expect(ledger.lives.close()).toMatchObject({ matched: 4, ...clean });
});

it("notes notifications from a clock that is ahead", () => {
  const { ledger, queued, inMatch } = start();
  queued("a");
  inMatch("a", "m1", 993);
  expect(ledger.notifiedBeforeMs).toBe(7);
  expect(ledger.notifyMs.percentile(100)).toBe(0);
});
