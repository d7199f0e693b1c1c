import { describe, expect, it } from "vitest";
import { type Mutant, searchClaims } from "./claims.ts";

describe("the claim of a player", () => {
  it.each([
    { partitions: 2, enqueuers: 2, cap: 4 },
    { partitions: 3, enqueuers: 2, cap: 2 },
    { partitions: 2, enqueuers: 3, cap: 2 },
  ])("keeps it out of two partitions, and never locks it out: %o", { timeout: 240_000 }, (size) => {
    const { states, fault } = searchClaims(size);
    expect(fault).toBeUndefined();
    expect(states).toBeGreaterThan(1_000);
  });

  it.each<[Mutant, RegExp]>([
    ["enqueue ignores seals", /busy in partitions/],
    ["move before seal", /busy in partitions/],
    ["move without comparing", /busy in partitions/],
    ["enter lifts any seal", /busy in partitions/],
    ["seal does not raise the epoch", /version \d+ after/],
    ["seals expire too soon", /busy in partitions/],
    ["no way back in", /ends as refused/],
    ["versions start anew", /version \d+ after/],
  ])("would not, if its protocol were another: %s", { timeout: 240_000 }, (mutant, fault) => {
    const found = searchClaims({ partitions: 2, enqueuers: 2, cap: 4, mutant });
    expect(found.fault).toMatch(fault);
  });
});
