import type { WaitingTicket } from "@muster/core";
import { packTicket, type SearchJob } from "@muster/store";
import { sampleQueue } from "@muster/store/testing";
import { describe, expect, it } from "vitest";
import { handOutSearches } from "./hand-out-searches.ts";

const queue = sampleQueue({ steps: [{ fromTry: 0, eloSpread: 100 }] });
const packed = (id: string, elo: number) =>
  packTicket({ id, tries: 0, version: 1, createdAt: 1, players: [{ id: `player-${id}`, elo }] });
const ME = packed("me", 1_000);
const FAR = Array.from({ length: 40 }, (_, n) => packed(`far${n}`, 1_900));

/** Hands out a ticket of elo 1,000. @returns what became of it */
const handOut = async (range: string[], { open = [] as string[], sendsBack = true } = {}) => {
  const jobs: SearchJob[] = [];
  const sentBack: string[] = [];
  const store = {
    clock: { now: () => 1_000 },
    readRange: async () => [ME, ...range],
    readOpenMatches: async () => open,
    readWaiting: async () => [],
  };
  const searches = { add: async (job: SearchJob) => void jobs.push(job), waiting: async () => 0 };
  const sendBack = async (tickets: readonly WaitingTicket[]) => void sentBack.push(...tickets.map(({ id }) => id));
  const tickets = [{ elo: 1_000, tries: 0, packed: ME, packedAt: 1_000, since: 1 }];
  const left = await handOutSearches({ store, searches }, queue, tickets, sendsBack ? sendBack : undefined);
  expect(left).toEqual([]);
  return { jobs, sentBack };
};

describe("tickets that are looked after again", () => {
  it("are sent back where nobody in reach can suit them, and no matchmaker is bothered", async () => {
    expect(await handOut([packed("far", 1_900)])).toEqual({ jobs: [], sentBack: ["me"] });
  });

  it.each([
    { where: "somebody near suits them", range: [packed("near", 1_001)], open: [] },
    { where: "a match looks for players", range: [], open: ["open"] },
    { where: "so many are in reach that a look at all would cost more than a job", range: FAR, open: [] },
  ])("are handed out where $where", async ({ range, open }) => {
    const job = { v: 3, queue: "duel", serve: [ME], candidates: range, open };
    expect(await handOut(range, { open })).toEqual({ jobs: [job], sentBack: [] });
  });
});

it("hands out new tickets whoever is in reach", async () => {
  const { jobs } = await handOut([packed("far", 1_900)], { sendsBack: false });
  expect(jobs).toHaveLength(1);
});
