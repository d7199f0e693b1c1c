import { expect, it } from "vitest";
import { findLimits, findSustained } from "./sustained.ts";

/** Offers to a machine that bears so much, and keeps what was offered. */
const machine = (bears: number, { nearly = bears, mightBear }: { nearly?: number; mightBear?: number } = {}) => {
  const offered: number[] = [];
  const offer = async (rate: number) => {
    offered.push(rate);
    return { isBorne: rate <= bears, isNearly: rate <= nearly, mightBear };
  };
  const bearsLong = async (rate: number) => (await offer(rate)).isBorne;
  return { offered, offer, bearsLong };
};

it.each([700, 3_000, 12_345, 20_000])("finds what was borne, and what wasn't by a step: %d", async (bears) => {
  const { low, high } = await findLimits(machine(bears).offer, 3_000);
  expect(low).toBeLessThanOrEqual(bears);
  expect(high).toBeGreaterThan(bears);
  expect(high / low).toBeCloseTo(1.3);
});

it("gets there in fewer steps where it is known what the machine might bear", async () => {
  const [blind, told] = [machine(20_000), machine(20_000, { mightBear: 22_000 })];
  await findLimits(blind.offer, 3_000);
  expect((await findLimits(told.offer, 3_000)).low).toBeGreaterThan(19_000);
  expect(told.offered.length).toBeLessThan(blind.offered.length);
});

it("tries a rate again only where it was nearly borne", async () => {
  const tries = async (nearly: number) => {
    const { offer, offered } = machine(3_500, { nearly });
    await findLimits(offer, 3_000);
    return offered.filter((rate) => rate === 3_000 * 1.3).length;
  };
  expect([await tries(3_500), await tries(4_000)]).toEqual([1, 2]);
});

it.each([10_000, 11_000, 12_900])("finds between them what is borne for long, to a tenth: %d", async (bears) => {
  const { bearsLong, offered } = machine(bears);
  const found = await findSustained(bearsLong, { low: 10_000, high: 13_000 });
  expect(found).toBeLessThanOrEqual(bears);
  expect(found).toBeGreaterThanOrEqual(bears / 1.1);
  expect(offered.length).toBeLessThan(4);
});

it("goes on below them where a short while was lucky", async () => {
  const found = await findSustained(machine(7_000).bearsLong, { low: 10_000, high: 13_000 });
  expect(found).toBeLessThanOrEqual(7_000);
  expect(found).toBeGreaterThanOrEqual(7_000 / 1.1);
});

it("finds none where nothing is borne", async () => {
  expect(await findSustained(machine(0).bearsLong, { low: 10_000, high: 13_000 })).toBeUndefined();
});
