import { expect, it } from "vitest";
import { findSustained } from "./sustained.ts";

/** Offers to a machine that bears so much, and keeps what was offered. */
const machine = (bears: number, { nearly = bears, mightBear }: { nearly?: number; mightBear?: number } = {}) => {
  const offered: number[] = [];
  const offer = async (rate: number) => {
    offered.push(rate);
    return { isBorne: rate <= bears, isNearly: rate <= nearly, mightBear };
  };
  return { offered, offer };
};

it.each([3_000, 12_345, 20_000])("finds the highest rate that is borne to a tenth: %d", async (bears) => {
  const found = await findSustained(machine(bears).offer, 3_000);
  expect(found).toBeLessThanOrEqual(bears);
  expect(found).toBeGreaterThanOrEqual(bears / 1.1);
});

it("goes down by steps where not even the first one is borne", async () => {
  const found = await findSustained(machine(700).offer, 3_000);
  expect(found).toBeLessThanOrEqual(700);
  expect(found).toBeGreaterThan(700 / 1.3);
});

it("gets there in fewer steps where it is known what the machine might bear", async () => {
  const [blind, told] = [machine(20_000), machine(20_000, { mightBear: 22_000 })];
  await findSustained(blind.offer, 3_000);
  expect(await findSustained(told.offer, 3_000)).toBeGreaterThan(20_000 / 1.1);
  expect(told.offered.length).toBeLessThan(blind.offered.length);
});

it("tries a rate again only where it was nearly borne", async () => {
  const tries = async (nearly: number) => {
    const { offer, offered } = machine(3_500, { nearly });
    await findSustained(offer, 3_000);
    return offered.filter((rate) => rate === 3_000 * 1.3).length;
  };
  expect([await tries(3_500), await tries(4_000)]).toEqual([1, 2]);
});
