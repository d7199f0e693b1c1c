import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestStore, type TestStore } from "../testing/index.ts";
import { parseRating, ratingText } from "./rating-text.ts";

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
});
afterAll(() => test.stop());
beforeEach(async () => {
  await test.raw.flushall();
});

describe("kept ratings", () => {
  const ann = { elo: 1_516.5, matches: 1 };
  const bob = { elo: 1_480, mu: 24.5, sigma: 7.9, matches: 2 };

  it("are read by queue, with the text that a writer compares", async () => {
    const { store } = test;
    const { keys } = store;
    await test.raw.hset(keys.ratings("ann"), { duel: ratingText(ann), team: ratingText(bob) });
    expect(await store.readRatings(["ann", "cat"], "duel")).toEqual(
      new Map([
        ["ann", { rating: ann, text: '{"elo":1516.5,"matches":1}' }],
        ["cat", { text: null }],
      ]),
    );
    expect(await store.readPlayerRatings("ann")).toEqual(
      new Map([
        ["duel", ann],
        ["team", bob],
      ]),
    );
    expect(await store.readPlayerRatings("cat")).toEqual(new Map());
    expect(await store.readRatings([], "duel")).toEqual(new Map());
  });

  it("are no player's state, whatever the player's id", () => {
    const { keys } = test.store;
    expect(keys.playerOfStateKey(keys.ratings("ann"))).toBeUndefined();
    expect(keys.playerOfStateKey(keys.ratings("ann:state"))).toBeUndefined();
  });

  it("come back from their text as they went in", () => {
    for (const rating of [ann, bob]) expect(parseRating(ratingText(rating))).toEqual(rating);
    expect(parseRating(null)).toBeUndefined();
  });
});
