import type { MusterEvent, Queue } from "@muster/core";
import { packTicket } from "@muster/store";
import { describe, expect, it } from "vitest";
import { fillWaiting } from "./fill-waiting.ts";
import { findStuck } from "./find-stuck.ts";
import { findTrouble, type Standing } from "./find-trouble.ts";
import type { QueueView, ServiceView } from "./frames.ts";
import { Growth } from "./growth.ts";
import { MatchBoard } from "./match-board.ts";
import { KEPT_MS, POINT_MS, QueueHistory } from "./queue-history.ts";
import { TicketHistories } from "./ticket-histories.ts";
import { MAX_SHOWN, WaitingTickets } from "./waiting-tickets.ts";

describe("a queue's history", () => {
  it("counts in points of five seconds, and forgets after a quarter of an hour", () => {
    const history = new QueueHistory();
    history.count("arrivals", 0);
    history.count("arrivals", POINT_MS - 1);
    history.matched(10, POINT_MS);
    history.matched(30, POINT_MS + 1);
    expect(history.points.map(({ at, arrivals, matches, eloGap }) => [at, arrivals, matches, eloGap])).toEqual([
      [0, 2, 0, null],
      [POINT_MS, 0, 2, 20],
    ]);
    expect(history.perSecond("matches", 10_000)).toBeCloseTo(0.2);
    history.count("arrivals", KEPT_MS + 2 * POINT_MS);
    expect(history.points.map(({ at }) => at)).toEqual([KEPT_MS + 2 * POINT_MS]);
  });

  it("puts what comes late into the newest point, so that time never runs back", () => {
    const history = new QueueHistory();
    history.count("arrivals", 20_000);
    history.count("arrivals", 3_000);
    expect(history.points).toMatchObject([{ at: 20_000, arrivals: 2 }]);
  });
});

describe("the tickets that wait", () => {
  const point = (id: string) => ({ id, queue: "duel", elo: 1_000, players: 1, since: 0 });

  it("are told as they come and go, also within one frame", () => {
    const waiting = new WaitingTickets();
    waiting.enter(point("a"), 0);
    waiting.enter(point("b"), 0);
    waiting.enter(point("a"), 0);
    waiting.leave({ id: "a", why: "matched", match: "m" });
    waiting.leave({ id: "a", why: "matched", match: "m" });
    expect(waiting.takeChanges()).toEqual({
      entered: [point("a"), point("b")],
      left: [{ id: "a", why: "matched", match: "m" }],
    });
    expect(waiting.takeChanges()).toEqual({ entered: [], left: [] });
    expect(waiting.all).toEqual([point("b")]);
  });

  it("are looked at again when they were not seen for long, the longest first", () => {
    const waiting = new WaitingTickets();
    for (const id of ["a", "b", "c"]) waiting.enter(point(id), 0);
    expect(waiting.doubtful(10, 5_000)).toEqual([]);
    expect(waiting.doubtful(2, 20_000)).toEqual(["a", "b"]);
    waiting.confirm("a", 20_000);
    expect(waiting.doubtful(10, 20_000)).toEqual(["b", "c"]);
  });

  it("are shown up to a bound", () => {
    const waiting = new WaitingTickets();
    for (let index = 0; index < MAX_SHOWN + 10; index++) waiting.enter(point(`t${index}`), 0);
    expect(waiting.all).toHaveLength(MAX_SHOWN);
  });
});

it("what has grown is told for a while, of each who counts, also when it begins anew", () => {
  const growth = new Growth(1_000);
  const see = (now: number, counts: Record<string, number>) => growth.see(new Map(Object.entries(counts)), now);
  // It may have counted for years.
  expect(see(0, { a: 100 })).toBe(0);
  expect(see(100, { a: 103, b: 7 })).toBe(3);
  expect(see(200, { a: 2, b: 8 })).toBe(6);
  expect(see(1_100, { a: 2, b: 8 })).toBe(3);
  expect(see(1_200, { a: 2 })).toBe(0);
  expect(see(1_300, { a: 2, b: 8 })).toBe(0);
});

describe("the matches that are shown", () => {
  const at = new Map<string, number>();
  const board = () =>
    new MatchBoard({
      readMatch: async (id) =>
        ({ id, queue: "duel", state: "live", createdAt: at.get(id) ?? 0, eloGap: 1, quality: 1, teams: [] }) as never,
      readTicket: async () => null,
    });
  const make = (matches: MatchBoard, from: number, to: number) => {
    for (let n = from; n < to; n++) {
      at.set(`m${n}`, n);
      matches.made(`m${n}`);
    }
  };

  it("are the newest, in the order in which they were made, also when one changes", async () => {
    const matches = board();
    make(matches, 0, 3);
    await matches.read();
    matches.changed("m0", "ended");
    matches.changed("m9", "ended");
    expect(matches.all.map(({ id, state }) => `${id} ${state}`)).toEqual(["m2 live", "m1 live", "m0 ended"]);
    expect(
      matches
        .takeFresh()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(["m0", "m1", "m2"]);
    expect(matches.takeFresh()).toEqual([]);
    expect(matches.takeLeftOut()).toBe(false);
  });

  it("are read a few at a time, the newest first, and some are left out when there are too many", async () => {
    const matches = board();
    make(matches, 0, 500);
    await matches.read();
    expect(matches.all.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, n) => `m${499 - n}`));
    expect(matches.takeLeftOut()).toBe(true);
    for (let n = 0; n < 20; n++) await matches.read();
    expect(matches.all).toHaveLength(100);
    expect(matches.all.at(-1)?.id).toBe("m400");
    expect(matches.takeLeftOut()).toBe(false);
  });
});

describe("a ticket's history", () => {
  const queue = "duel";
  it("tells what events told of it and of its match, and is kept after its end", () => {
    const histories = new TicketHistories();
    const shown = new Set(["t_ann"]);
    const note = (event: MusterEvent) => histories.note(event, (id) => shown.has(id));
    note({ type: "queued", queue, at: 1, ticket: "t_ann" });
    note({ type: "disconnected", queue, at: 2, ticket: "t_ann", player: "ann" });
    shown.clear();
    histories.left("t_ann");
    note({ type: "matched", queue, at: 3, match: "m", tickets: "t_ann t_bob", matchmaker: "mm" });
    note({ type: "ended", queue, at: 4, match: "m" });
    note({ type: "ended", queue, at: 5, match: "other" });
    expect(histories.of("t_ann")).toEqual([
      { type: "queued", at: 1 },
      { type: "disconnected", at: 2, player: "ann" },
      { type: "matched", at: 3, match: "m", matchmaker: "mm" },
      { type: "ended", at: 4, match: "m" },
    ]);
    expect(histories.of("t_bob").map(({ type }) => type)).toEqual(["matched", "ended"]);
    expect(histories.of("t_cat")).toEqual([]);
  });

  it("is the last of it, and outlives those of any number that left", () => {
    const histories = new TicketHistories();
    for (let at = 0; at < 50; at++) histories.note({ type: "changed", queue, at, ticket: "t_ann" }, () => true);
    for (let n = 0; n < 20_000; n++) histories.note({ type: "queued", queue, at: n, ticket: `t_${n}` }, () => false);
    expect(histories.of("t_ann").map(({ at }) => at)).toEqual(Array.from({ length: 20 }, (_, n) => 30 + n));
    expect(histories.of("t_0")).toEqual([]);
    expect(histories.of("t_19999")).toHaveLength(1);
  });
});

it("of each queue the ticket is stuck that should have expired, or is left over while others are matched", () => {
  const queues = new Map([["duel", { expireAfterMs: 300_000 } as Queue]]);
  const point = (id: string, since: number) => ({ id, queue: "duel", elo: 0, players: 1, since });
  const view = (matches: number, hasElo = true) =>
    ({
      name: "duel",
      hasElo,
      waitMs: { p50: 1, p90: 1, p99: 20_000 },
      perSecond: { arrivals: 1, matches },
    }) as QueueView;
  const stuck = (ageMs: number, of = view(1)) =>
    findStuck([point("young", 1_000_000), point("old", 1_000_000 - ageMs)], queues, [of], 1_000_000);
  expect(stuck(99_000)).toEqual([]);
  expect(stuck(101_000)).toEqual([{ ticket: "old", queue: "duel", waitedMs: 101_000, isOverdue: false }]);
  expect(stuck(101_000, view(0))).toEqual([]);
  expect(stuck(101_000, view(1, false))).toEqual([]);
  expect(stuck(311_000, view(0))).toMatchObject([{ isOverdue: true }]);
});

describe("who is shown of those that wait", () => {
  const packed = (id: string) => packTicket({ id, version: 1, createdAt: 5, tries: 0, players: [{ id, elo: 1_000 }] });
  const fill = async (waiting: WaitingTickets, depths: Record<string, number>, found: string[], all = false) => {
    let reads = 0;
    const readRange = async () => {
      reads += 1;
      return found.map(packed);
    };
    await fillWaiting({ readRange }, waiting, new Map(Object.entries(depths)), { now: 0, all });
    return reads;
  };

  it("are also those for whom there was no room when they came", async () => {
    const waiting = new WaitingTickets();
    for (let n = 0; n < MAX_SHOWN; n++) waiting.enter({ id: `a${n}`, queue: "a", elo: 1, players: 1, since: 0 }, 0);
    for (let n = 0; n < MAX_SHOWN - 50; n++) waiting.leave({ id: `a${n}`, why: "matched" });
    const late = Array.from({ length: 2_000 }, (_, n) => `l${n}`);
    expect(await fill(waiting, { a: 2_000 }, late)).toBe(1);
    expect(waiting.all).toHaveLength(2_000);
    expect(await fill(waiting, { a: 2_000 }, late)).toBe(0);
  });

  it("are not looked for when a few are on their way, unless that lasts", async () => {
    const waiting = new WaitingTickets();
    expect(await fill(waiting, { a: 5 }, ["x"])).toBe(0);
    expect(await fill(waiting, { a: 5 }, ["x"], true)).toBe(1);
    expect(waiting.has("x")).toBe(true);
  });

  it("are of each queue by its share when more wait than are shown", async () => {
    const waiting = new WaitingTickets();
    let queue = 0;
    const readRange = async () => {
      queue += 1;
      return Array.from({ length: MAX_SHOWN }, (_, n) => packed(`q${queue}-${n}`));
    };
    const depths = new Map([
      ["a", 3 * MAX_SHOWN],
      ["b", MAX_SHOWN],
    ]);
    await fillWaiting({ readRange }, waiting, depths, { now: 0, all: true });
    expect([...waiting.countByQueue().values()]).toEqual([(3 * MAX_SHOWN) / 4, MAX_SHOWN / 4]);
  });
});

describe("trouble", () => {
  const service = (role: string, changes: Partial<ServiceView> = {}): ServiceView => ({
    ...{ name: `${role}-1`, role, version: "1", host: "here", pid: 1, startedAt: 0, at: 0, dead: false },
    load: { cpuShare: 0.1, rssMiB: 100, loopShare: 0.1 },
    holds: { count: 0, ids: [] },
    figures: role === "mover" ? { leads: true } : {},
    ...changes,
  });
  const roles = ["orchestrator", "sweeper", "matchmaker", "mover", "playserver"];
  const queue = { name: "duel", depth: 100, sinceMatchMs: 61_000 } as QueueView;
  const fine: Standing = {
    ...{ services: roles.map((role) => service(role)), queues: [], commits: { matches: 100, conflicts: 1 } },
    ...{ missedEvents: 0, unreachable: false, redisMs: 2, overdueMs: 0, resyncs: 0, gaveUp: 0 },
    ...{ stuck: [], diagnosis: { at: 0, faults: 0, told: [] } },
  };
  const without = (role: string) => fine.services.filter((each) => each.role !== role);

  it("is nothing where all is well", () => {
    expect(findTrouble(fine)).toEqual([]);
  });

  it.each<[string, Partial<Standing>, RegExp]>([
    ["Redis is gone", { unreachable: true, services: [] }, /^Redis can't be reached$/],
    [
      "a service died",
      { services: [...fine.services, service("matchmaker", { name: "m-2", dead: true })] },
      /m-2 said nothing/,
    ],
    ["a role is missing", { services: without("sweeper") }, /No sweeper runs/],
    ["nobody leads", { services: [...without("mover"), service("mover", { figures: {} })] }, /No mover leads/],
    [
      "a service is at its limit",
      {
        services: [
          ...without("mover"),
          service("mover", { figures: { leads: true }, load: { cpuShare: 1, rssMiB: 1, loopShare: 0.97 } }),
        ],
      },
      /busy 97 %/,
    ],
    ["proposals conflict", { commits: { matches: 60, conflicts: 40 } }, /40 % of the proposals conflict/],
    ["a queue stands still", { queues: [queue] }, /100 tickets wait in duel, and no match/],
    ["sweeps are missed", { overdueMs: 9_000 }, /due for 9 s/],
    ["Redis is slow", { redisMs: 900 }, /took 900 ms/],
    ["playservers read all again", { resyncs: 2 }, /2 times/],
    [
      "messages are given up",
      { gaveUp: 3, services: [...fine.services, service("webhooks", { figures: { gaveUp: 9, waiting: 0 } })] },
      /3 messages were given up/,
    ],
    [
      "messages pile up",
      { services: [...fine.services, service("webhooks", { figures: { gaveUp: 0, waiting: 5_000 } })] },
      /5000 wait/,
    ],
    [
      "the doctor found something",
      { diagnosis: { at: 0, faults: 1, told: ["player ann is lost"] } },
      /1 inconsistency at 1970-01-01 00:00:00 UTC: player ann is lost/,
    ],
    [
      "a ticket should have expired",
      { stuck: [{ ticket: "t_1", queue: "duel", waitedMs: 600_000, isOverdue: true }] },
      /t_1 waits in duel for 10 min, and should have expired/,
    ],
    [
      "one ticket is left over",
      { stuck: [{ ticket: "t_1", queue: "duel", waitedMs: 120_000, isOverdue: false }] },
      /t_1 waits in duel for 2 min, while others/,
    ],
    ["events were dropped", { missedEvents: 7 }, /What 7 calls told was dropped/],
  ])("is told when %s, with what to do", (_, changes, what) => {
    const found = findTrouble({ ...fine, ...changes });
    expect(found).toHaveLength(1);
    expect(found[0]?.what).toMatch(what);
    expect(found[0]?.todo).toMatch(/^\S.{20,}\.$/);
  });
});
