import { describe, expect, it } from "vitest";
import { findTrouble, type Standing } from "./find-trouble.ts";
import type { QueueView, ServiceView } from "./frames.ts";
import { KEPT_MS, POINT_MS, QueueHistory } from "./queue-history.ts";
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
    ...{ missedEvents: 0, unreachable: false, redisMs: 2, overdueMs: 0, resyncs: 0, inconsistencies: [] },
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
      { services: [...fine.services, service("webhooks", { figures: { gaveUp: 3, waiting: 0 } })] },
      /3 messages were given up/,
    ],
    [
      "the doctor found something",
      { inconsistencies: ["player ann is lost"] },
      /1 inconsistencies: player ann is lost/,
    ],
    ["events were dropped", { missedEvents: 7 }, /7 events were dropped/],
  ])("is told when %s, with what to do", (_, changes, what) => {
    const found = findTrouble({ ...fine, ...changes });
    expect(found).toHaveLength(1);
    expect(found[0]?.what).toMatch(what);
    expect(found[0]?.todo).toMatch(/^\S.{20,}\.$/);
  });
});
