import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestStore, sampleQueue, solo, type TestStore } from "../testing/index.ts";
import type { EnqueueOutcome, NewTicket } from "./enqueue-tickets.ts";
import { joinEnqueues } from "./join-enqueues.ts";

const [duel, other] = [sampleQueue(), sampleQueue({ name: "other" })];
const ticket = (id: string, player = id): NewTicket => ({ id, request: solo(player) });

describe("what is enqueued in one turn", () => {
  const start = () => {
    const calls: string[][] = [];
    const enqueue = joinEnqueues(async (queue, tickets) => {
      calls.push([queue.name, ...tickets.map(({ id }) => id)]);
      return tickets.map((): EnqueueOutcome => ({ outcome: "full" }));
    });
    return { calls, enqueue };
  };

  it("goes together, queue by queue, and each caller gets its own outcomes", async () => {
    const calls: string[][] = [];
    const enqueue = joinEnqueues(async (queue, tickets) => {
      calls.push([queue.name, ...tickets.map(({ id }) => id)]);
      return tickets.map(({ id }): EnqueueOutcome => ({ outcome: "busy", players: [{ id, state: idle }] }));
    });
    const idle = { state: "idle", version: 0, at: 0, tries: 0 } as const;
    const told = (outcomes: EnqueueOutcome[]) =>
      outcomes.flatMap((outcome) => (outcome.outcome === "busy" ? outcome.players.map(({ id }) => id) : []));
    const all = [
      enqueue(duel, [ticket("a")]),
      enqueue(other, [ticket("b")]),
      enqueue(duel, [ticket("c"), ticket("d")]),
    ];
    expect((await Promise.all(all)).map(told)).toEqual([["a"], ["b"], ["c", "d"]]);
    expect(calls).toEqual([
      ["duel", "a", "c", "d"],
      ["other", "b"],
    ]);
    await enqueue(duel, [ticket("e")]);
    expect(calls.at(-1)).toEqual(["duel", "e"]);
  });

  it("goes by as many calls as a call has room for", async () => {
    const { calls, enqueue } = start();
    await Promise.all(Array.from({ length: 120 }, (_, n) => enqueue(duel, [ticket(`t${n}`)])));
    expect(calls.map(({ length }) => length - 1)).toEqual([50, 50, 20]);
    await enqueue(
      duel,
      Array.from({ length: 70 }, (_, n) => ticket(`u${n}`)),
    );
    expect(calls.at(-1)).toHaveLength(71);
  });

  it("fails together when Redis can't be used, and only then", async () => {
    let fails = true;
    const enqueue = joinEnqueues(async (_, tickets) => {
      if (fails) throw new Error("gone");
      return tickets.map((): EnqueueOutcome => ({ outcome: "full" }));
    });
    const failed = await Promise.allSettled([enqueue(duel, [ticket("a")]), enqueue(duel, [ticket("b")])]);
    expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    fails = false;
    expect(await enqueue(duel, [ticket("a")])).toEqual([{ outcome: "full" }]);
  });
});

describe("in Redis", () => {
  let test: TestStore;
  beforeAll(async () => {
    test = await openTestStore();
  });
  afterAll(() => test?.stop());
  beforeEach(async () => void (await test.raw.flushall()));

  it("a request that comes twice at once is accepted once, and answered twice alike", async () => {
    const once = { ...ticket("t_1", "ann"), digest: "d" };
    const both = await Promise.all([test.store.enqueueTickets(duel, [once]), test.store.enqueueTickets(duel, [once])]);
    expect(both.flat().map(({ outcome }) => outcome)).toEqual(["queued", "replayed"]);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("of two tickets of one player at once one is queued, and the other told that the player is busy", async () => {
    const both = await Promise.all(["t_1", "t_2"].map((id) => test.store.enqueueTickets(duel, [ticket(id, "ann")])));
    expect(both.flat().map(({ outcome }) => outcome)).toEqual(["queued", "busy"]);
    expect(await test.inconsistencies()).toEqual([]);
  });
});
