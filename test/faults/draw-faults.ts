import { shuffled } from "@muster/cli";
import type { Random } from "@muster/core";
import { FAULTS } from "./faults.ts";

/** Every fault as often as every other, in rounds, each in an order of its own. */
export const drawFaults = (count: number, random: Random): string[] => {
  const drawn: string[] = [];
  while (drawn.length < count) drawn.push(...shuffled(Object.keys(FAULTS), random));
  return drawn.slice(0, count);
};
