import { silentLogger } from "@muster/core/service";
import type { SearchJob } from "@muster/store";
import { sampleQueue } from "@muster/store/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MAX_WAITING_SEARCHES } from "./hand-out-searches.ts";
import { createNewTicketSearches } from "./new-ticket-searches.ts";

const queue = sampleQueue();
const ticket = (elo: number) => ({ elo, tries: 0, packed: `p${elo}` });

const fakes = () => {
  const jobs: SearchJob[] = [];
  const state = { waiting: 0, failing: false };
  const deps = {
    store: {
      readRange: async () => {
        if (state.failing) throw new Error("Redis is gone");
        return ["near"];
      },
      readOpenMatches: async () => ["open"],
    },
    searches: { add: async (job: SearchJob) => void jobs.push(job), waiting: async () => state.waiting },
  };
  return { jobs, state, searches: createNewTicketSearches(deps, 5, silentLogger) };
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
    expect(jobs).toEqual([{ v: 1, queue: "duel", serve: ["p1000", "p1010"], candidates: ["near"], open: ["open"] }]);
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
