import { expect, it } from "vitest";
import { Backoff } from "./backoff.ts";

const deaths = (chance: number, lives: number[]) => {
  const backoff = new Backoff({ next: () => chance });
  return lives.map((aliveMs) => backoff.nextMs(aliveMs));
};

it("doubles from 0.2 s to 10 s", () => {
  expect(deaths(1, Array(8).fill(50))).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
});

it("waits at least half of that, by chance", () => {
  expect(deaths(0, [50, 50, 50])).toEqual([100, 200, 400]);
});

it("begins anew after a life of 30 s", () => {
  expect(deaths(1, [50, 50, 29_999, 30_000, 50])).toEqual([200, 400, 800, 200, 400]);
});
