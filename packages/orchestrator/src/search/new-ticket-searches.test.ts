import { silentLogger } from "@muster/core/service";
import type { SearchJob } from "@muster/store";
import { sampleQueue } from "@muster/store/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MAX_WAITING_SEARCHES } from "./hand-out-searches.ts";
import { createNewTicketSearches } from "./new-ticket-searches.ts";

const queue = sampleQueue();
const ticket = (elo: number) => ({ elo, tries: 0, packed: `p${elo}`, packedAt: Date.now(), since: Date.now() });

const fakes = () => {
  const jobs: SearchJob[] = [];
  const state = { waiting: 0, failing: false, gone: new Set<string>(), asked: 0, readMs: 0 };
  const deps = {
    store: {
      clock: { now: () => Date.now() },
      readRange: async () => {
        if (state.failing) throw new Error("Redis is gone");
        if (state.readMs > 0) await new Promise((resolve) => setTimeout(resolve, state.readMs));
        return ["near"];
      },
      readOpenMatches: async () => ["open"],
      readWaiting: async (_: string, tickets: readonly { packed: string }[]) => {
        state.asked += tickets.length;
        return tickets.map(({ packed }) => (state.gone.has(packed) ? undefined : `${packed} now`));
      },
    },
    searches: { add: async (job: SearchJob) => void jobs.push(job), waiting: async () => state.waiting },
  };
  return { jobs, state, searches: createNewTicketSearches(deps, 5, silentLogger) };
};

/** Rounds of 10 ms in which 250 tickets come and one job of 200 is handed out: a pace of 20 tickets a ms. */
const fallBehind = async (
  { state, searches }: Pick<ReturnType<typeof fakes>, "state" | "searches">,
  rounds: number,
) => {
  for (let round = 0; round < rounds; round++) {
    for (let n = 0; n < 250; n++) searches.add(queue, ticket(1_000 + n / 10));
    state.waiting = MAX_WAITING_SEARCHES - 1;
    await vi.advanceTimersByTimeAsync(2);
    state.waiting = MAX_WAITING_SEARCHES;
    await vi.advanceTimersByTimeAsync(8);
  }
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("new tickets", () => {
  it("that come within the gathering time are handed out together", async () => {
    const { jobs, searches } = fakes();
    searches.add(queue, ticket(1_000));
    await vi.advanceTimersByTimeAsync(4);
    searches.add(queue, ticket(1_010));
    expect(jobs).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(jobs).toEqual([{ v: 3, queue: "duel", serve: ["p1000", "p1010"], candidates: ["near"], open: ["open"] }]);
  });

  it("wait while the matchmakers are behind, and are handed out together when there is room", async () => {
    const { jobs, state, searches } = fakes();
    state.waiting = MAX_WAITING_SEARCHES;
    searches.add(queue, ticket(1_000));
    await vi.advanceTimersByTimeAsync(20);
    searches.add(queue, ticket(1_010));
    await vi.advanceTimersByTimeAsync(20);
    expect(jobs).toEqual([]);
    state.waiting = 0;
    await vi.advanceTimersByTimeAsync(5);
    expect(jobs.map(({ serve }) => serve)).toEqual([["p1000", "p1010"]]);
  });

  it("are gathered for longer where a hand-out takes long, and for no longer once it doesn't", async () => {
    const { jobs, state, searches } = fakes();
    /** After which a ticket that comes alone is handed out, ms. */
    const windowMs = async () => {
      const before = jobs.length;
      searches.add(queue, ticket(1_000));
      for (let ms = 1; ; ms++) {
        await vi.advanceTimersByTimeAsync(1);
        if (jobs.length > before) return ms - state.readMs;
      }
    };
    expect(await windowMs()).toBe(5);
    state.readMs = 20;
    for (let round = 0; round < 40; round++) await windowMs();
    expect(await windowMs()).toBeGreaterThanOrEqual(35);
    state.readMs = 1_000;
    for (let round = 0; round < 10; round++) await windowMs();
    expect(await windowMs()).toBe(50);
    state.readMs = 0;
    for (let round = 0; round < 80; round++) await windowMs();
    expect(await windowMs()).toBe(5);
  });

  it("are not gathered for longer where others wait for room: whoever comes finds company", async () => {
    const { jobs, state, searches } = fakes();
    state.readMs = 100;
    for (let round = 0; round < 8; round++) {
      searches.add(queue, ticket(1_000));
      await vi.advanceTimersByTimeAsync(200);
    }
    state.waiting = MAX_WAITING_SEARCHES;
    searches.add(queue, ticket(1_010));
    await vi.advanceTimersByTimeAsync(60);
    const before = jobs.length;
    state.waiting = 0;
    state.readMs = 0;
    await vi.advanceTimersByTimeAsync(5);
    expect(jobs.slice(before).map(({ serve }) => serve)).toEqual([["p1010 now"]]);
  });

  it("that were matched with others while they waited for room are searched for no more, the rest as they are now", async () => {
    const { jobs, state, searches } = fakes();
    state.waiting = MAX_WAITING_SEARCHES;
    searches.add(queue, ticket(1_000));
    searches.add(queue, ticket(1_001));
    await vi.advanceTimersByTimeAsync(60);
    searches.add(queue, ticket(1_002));
    state.gone.add("p1000");
    state.waiting = 0;
    await vi.advanceTimersByTimeAsync(10);
    expect(jobs.map(({ serve }) => serve)).toEqual([["p1001 now", "p1002"]]);
    // Who has just come is there.
    expect(state.asked).toBe(2);
  });

  it("make no job when all of them were matched meanwhile", async () => {
    const { jobs, state, searches } = fakes();
    state.waiting = MAX_WAITING_SEARCHES;
    searches.add(queue, ticket(1_000));
    await vi.advanceTimersByTimeAsync(60);
    state.gone.add("p1000");
    state.waiting = 0;
    await vi.advanceTimersByTimeAsync(10);
    expect([jobs, state.asked]).toEqual([[], 1]);
    expect(searches.delayMs(0)).toBe(0);
  });

  it("are handed out in the order in which they came, whatever their elo, when there is little room", async () => {
    const { jobs, state, searches } = fakes();
    state.waiting = MAX_WAITING_SEARCHES;
    // Far apart, and enough of each for a job of its own; who came first has the highest elo.
    for (const elo of [3_000, 2_000, 1_000]) {
      for (let n = 0; n < 160; n++) searches.add(queue, ticket(elo + n / 10));
      await vi.advanceTimersByTimeAsync(10);
    }
    state.waiting = MAX_WAITING_SEARCHES - 1;
    await vi.advanceTimersByTimeAsync(15);
    expect(jobs.map(({ serve }) => serve.length)).toEqual([160, 160, 160]);
    expect(jobs.map(({ serve }) => serve[0]?.slice(0, 2))).toEqual(["p3", "p2", "p1"]);
  });

  it("of a queue that few enter don't wait for those of a crowded one", async () => {
    const { jobs, state, searches } = fakes();
    const quiet = { ...queue, name: "quiet" };
    state.waiting = MAX_WAITING_SEARCHES;
    for (let n = 0; n < 400; n++) searches.add(queue, ticket(1_000 + n / 10));
    await vi.advanceTimersByTimeAsync(10);
    searches.add(quiet, ticket(1_000));
    await vi.advanceTimersByTimeAsync(10);
    for (let n = 0; n < 400; n++) searches.add(queue, ticket(1_000 + n / 10));
    state.waiting = MAX_WAITING_SEARCHES - 1;
    await vi.advanceTimersByTimeAsync(2);
    // The double's queue never fills, so one round hands out one job of each.
    expect(jobs.map((job) => job.queue)).toEqual(["duel", "quiet"]);
  });

  it("tell how long the next one would wait, once there is no room", async () => {
    const { state, searches } = fakes();
    searches.add(queue, ticket(1_000));
    expect(searches.delayMs(0)).toBe(0);
    state.waiting = MAX_WAITING_SEARCHES;
    searches.add(queue, ticket(1_000));
    await vi.advanceTimersByTimeAsync(300);
    // Nothing was handed out meanwhile: as long as the oldest has waited.
    expect(searches.delayMs(0)).toBeGreaterThanOrEqual(295);
    state.waiting = 0;
    await vi.advanceTimersByTimeAsync(10);
    expect(searches.delayMs(0)).toBe(0);
  });

  it("tell it from their number and the pace before anyone has waited that long", async () => {
    const { state, searches } = fakes();
    await fallBehind({ state, searches }, 100);
    // 50 more came than went each time; 800 of them will be handed out together.
    expect(searches.delayMs(0)).toBeGreaterThan(150);
    expect(searches.delayMs(0)).toBeLessThan(400);
  });

  it("are no reason to refuse any while all who wait find room at once", async () => {
    const { state, searches } = fakes();
    for (let round = 0; round < 50; round++) {
      state.waiting = round % 10 === 0 ? 0 : MAX_WAITING_SEARCHES;
      searches.add(queue, ticket(1_000));
      await vi.advanceTimersByTimeAsync(10);
      // As long as the oldest has waited, however slow the pace of so few may seem.
      expect(searches.delayMs(0)).toBeLessThan(110);
    }
  });

  it("count the overdue only as far as they were left to the sweeper", async () => {
    const { state, searches } = fakes();
    await fallBehind({ state, searches }, 50);
    const before = searches.delayMs(0);
    // Tickets that nobody suits come due again and again: new ones don't wait for them.
    expect(searches.delayMs(100_000)).toBe(before);
    await vi.advanceTimersByTimeAsync(2_500);
    const leftToSweeper = searches.delayMs(100_000);
    expect(leftToSweeper).toBeGreaterThan(50);
    expect(searches.delayMs(0)).toBe(0);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(searches.delayMs(100_000)).toBe(0);
  });

  it("that have come due for the sweeper meanwhile are left to it", async () => {
    const { jobs, state, searches } = fakes();
    state.waiting = MAX_WAITING_SEARCHES;
    searches.add(queue, ticket(1_000));
    await vi.advanceTimersByTimeAsync(2_100);
    state.waiting = 0;
    searches.add(queue, ticket(1_010));
    await vi.advanceTimersByTimeAsync(10);
    expect(jobs.map(({ serve }) => serve)).toEqual([["p1010"]]);
  });

  it("are left to the sweeper when Redis fails, and the next ones are handed out again", async () => {
    const { jobs, state, searches } = fakes();
    state.failing = true;
    searches.add(queue, ticket(1_000));
    await vi.advanceTimersByTimeAsync(10);
    state.failing = false;
    searches.add(queue, ticket(1_010));
    await vi.advanceTimersByTimeAsync(10);
    expect(jobs.map(({ serve }) => serve)).toEqual([["p1010"]]);
  });

  it("that are still gathered at the end are handed out before it closes", async () => {
    const { jobs, searches } = fakes();
    searches.add(queue, ticket(1_000));
    await searches.close();
    expect(jobs).toHaveLength(1);
    searches.add(queue, ticket(1_010));
    await vi.advanceTimersByTimeAsync(10);
    expect(jobs).toHaveLength(1);
  });
});
