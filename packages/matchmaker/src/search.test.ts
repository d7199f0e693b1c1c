import type { Proposal } from "@muster/core";
import { silentLogger, systemIds } from "@muster/core/service";
import { type CommitJob, packOpenMatch, packTicket, proposalsOf, unpackTicket } from "@muster/store";
import { sampleQueue } from "@muster/store/testing";
import { describe, expect, it } from "vitest";
import { LOOKS, MAX_WAITING_COMMITS, search } from "./search.ts";

const queue = sampleQueue({
  steps: [
    { fromTry: 0, eloSpread: 50 },
    { fromTry: 1, eloSpread: 500 },
  ],
});

const packed = (id: string, elo: number, tries = 0) =>
  packTicket({ id: `t_${id}`, version: 1, createdAt: 1_000, tries, players: [{ id, elo }] });

const fakes = () => {
  const time = { now: 10_000 };
  const clock = { now: () => time.now };
  const commits: { proposals: Proposal[] }[] = [];
  const retries: unknown[] = [];
  const others = new Set<string>();
  const reservedUntil = new Map<string, number>();
  const state = { waiting: 0, pauses: 0, freeAfter: Infinity };
  const deps = {
    name: "matchmaker-1",
    store: {
      clock,
      // What others have it knows of once it meets it.
      reserveTickets: async (groups: readonly (readonly { id: string; version: number }[])[], forMs: number) =>
        groups.map((group) => {
          const gone = group.filter(({ id }) => others.has(id));
          for (const { id } of gone.length > 0 ? gone : group) reservedUntil.set(id, time.now + forMs);
          return gone;
        }),
      isReserved: ({ id }: { id: string }) => (reservedUntil.get(id) ?? 0) > time.now,
      retryTickets: async (_: string, tickets: readonly { id: string }[], retry: object) => {
        if (tickets.length > 0) retries.push({ tickets: tickets.map(({ id }) => id), ...retry });
      },
    },
    commits: {
      add: async (job: CommitJob) => void commits.push({ proposals: proposalsOf(job) }),
      waiting: async () => state.waiting,
    },
    queues: new Map([["duel", queue]]),
    ids: systemIds,
    log: silentLogger,
    pause: async () => {
      state.pauses += 1;
      if (state.pauses === state.freeAfter) state.waiting = 0;
    },
  };
  return { deps, time, commits, retries, state, others };
};

const playersOf = (proposal: Proposal | undefined) =>
  proposal?.tickets.flatMap(({ players }) => players.map(({ id }) => id)).sort();

it("proposes the match it finds, and sends the others back with one try more after the queue's rhythm", async () => {
  const { deps, commits, retries } = fakes();
  const serve = [packed("ann", 1_000), packed("far", 1_400)];
  await search(deps, { v: 3, queue: "duel", serve, candidates: [packed("bob", 1_030), ...serve] });
  expect(commits).toHaveLength(1);
  expect(playersOf(commits[0]?.proposals[0])).toEqual(["ann", "bob"]);
  expect(retries).toEqual([{ tickets: ["t_far"], dueAt: 11_000, countTry: true }]);
});

it("widens with the tries that a ticket brings", async () => {
  const { deps, commits } = fakes();
  const candidates = [packed("far", 1_400, 1)];
  await search(deps, { v: 3, queue: "duel", serve: [packed("ann", 1_000)], candidates });
  expect(commits).toEqual([]);
  await search(deps, { v: 3, queue: "duel", serve: [packed("ann", 1_000, 1)], candidates });
  expect(playersOf(commits[0]?.proposals[0])).toEqual(["ann", "far"]);
});

it("doesn't propose a ticket again that it has just proposed, but has it looked at again soon", async () => {
  const { deps, time, commits, retries } = fakes();
  const serve = [packed("ann", 1_000)];
  const job = { v: 3 as const, queue: "duel", serve, candidates: [packed("bob", 1_030)] };
  await search(deps, job);
  await search(deps, job);
  expect(commits).toHaveLength(1);
  expect(retries).toEqual([{ tickets: ["t_ann"], dueAt: 10_500, countTry: false }]);
  time.now += 501;
  await search(deps, job);
  expect(commits).toHaveLength(2);
});

it("looks for another match where another matchmaker has taken a ticket of the first", async () => {
  const { deps, commits, retries, others } = fakes();
  others.add("t_bob");
  const candidates = [packed("bob", 1_001), packed("cat", 1_040)];
  await search(deps, { v: 3, queue: "duel", serve: [packed("ann", 1_000)], candidates });
  expect(commits.flatMap(({ proposals }) => proposals.map(playersOf))).toEqual([["ann", "cat"]]);
  expect(retries).toEqual([]);
});

it("has a served ticket looked at again soon that another has taken, or with whom others were always faster", async () => {
  const { deps, commits, retries, others } = fakes();
  others.add("t_ann");
  await search(deps, { v: 3, queue: "duel", serve: [packed("ann", 1_000)], candidates: [packed("bob", 1_001)] });
  expect(retries).toEqual([{ tickets: ["t_ann"], dueAt: 10_500, countTry: false }]);
  const crowd = Array.from({ length: 5 }, (_, index) => packed(`c${index}`, 1_200 + index));
  for (let index = 0; index < 5; index++) others.add(`t_c${index}`);
  await search(deps, { v: 3, queue: "duel", serve: [packed("dan", 1_199)], candidates: crowd });
  expect(retries[1]).toEqual({ tickets: ["t_dan"], dueAt: 10_500, countTry: false });
  expect(commits).toEqual([]);
});

it("proposes nothing while the mover is behind: the tickets come due again", async () => {
  const { deps, commits, retries, state } = fakes();
  state.waiting = MAX_WAITING_COMMITS;
  await search(deps, { v: 3, queue: "duel", serve: [packed("ann", 1_000)], candidates: [packed("bob", 1_030)] });
  expect([commits, retries]).toEqual([[], []]);
  expect(state.pauses).toBe(LOOKS);
});

it("waits a while for a mover that is behind, rather than to propose what would be old by the time it is committed", async () => {
  const { deps, commits, state } = fakes();
  Object.assign(state, { waiting: MAX_WAITING_COMMITS, freeAfter: 3 });
  await search(deps, { v: 3, queue: "duel", serve: [packed("ann", 1_000)], candidates: [packed("bob", 1_030)] });
  expect([state.pauses, commits.length]).toEqual([3, 1]);
});

it("leaves a search of an unknown queue or format to the sweeper", async () => {
  const { deps, commits, retries } = fakes();
  await search(deps, { v: 3, queue: "gone", serve: [packed("ann", 1_000)], candidates: [] });
  await search(deps, { v: 4 as 3, queue: "duel", serve: [packed("ann", 1_000)], candidates: [] });
  expect([commits, retries]).toEqual([[], []]);
});

describe("a match that looks for players", () => {
  const open = packOpenMatch({
    ...{ id: "m_1", version: 4, openedAt: 1_000 },
    teams: [
      { name: "1", open: 0, tickets: [unpackTicket(packed("ann", 1_000))] },
      { name: "2", open: 1, tickets: [] },
    ],
  });
  const job = (serve: string[]) => ({ v: 3 as const, queue: "duel", serve, candidates: serve, open: [open] });

  it("is joined by the search that would else look for others, from the version that it saw", async () => {
    const { deps, commits } = fakes();
    await search(deps, job([packed("bob", 1_030)]));
    expect(commits[0]?.proposals).toMatchObject([
      { id: "m_1", join: { version: 4 }, tickets: [{ id: "t_bob" }], teams: [{ tickets: [] }, { tickets: [0] }] },
    ]);
  });

  it("is joined also when another join of it was proposed just before: the tickets must not begin a match beside it", async () => {
    const { deps, commits } = fakes();
    await search(deps, job([packed("bob", 1_030)]));
    await search(deps, job([packed("cat", 1_030), packed("dan", 1_030)]));
    expect(commits[1]?.proposals[0]).toMatchObject({ id: "m_1", join: { version: 4 } });
  });
});
