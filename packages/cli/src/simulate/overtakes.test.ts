import type { WaitingTicket } from "@muster/core";
import { describe, expect, it } from "vitest";
import { overtakes } from "./overtakes.ts";
import { sampleQueue } from "./testing/sample.ts";

const queue = sampleQueue(2, 2);
const ticket = (id: string, createdAt: number, elo = 1_000, size = 1): WaitingTicket => ({
  ...{ id, version: 1, tries: 0, createdAt, elo },
  players: Array.from({ length: size }, (_, index) => ({ id: `${id}${index}`, elo })),
});
const match = [ticket("a", 10), ticket("b", 20), ticket("c", 30), ticket("d", 40)];
const holds = (...left: WaitingTicket[]) => overtakes(queue, match, left, 50);

describe("a match overtakes", () => {
  it("an older ticket that could have had the place of its youngest", () => {
    expect(holds(ticket("old", 5))).toBe(true);
    expect(holds(ticket("old", 35))).toBe(true);
  });

  it("nobody who is younger than all of it", () => {
    expect(holds(ticket("young", 45))).toBe(false);
  });

  it("nobody whom the others don't accept", () => {
    expect(holds(ticket("far", 5, 1_300))).toBe(false);
  });

  it("nobody whose party is of another size", () => {
    expect(holds(ticket("duo", 5, 1_000, 2))).toBe(false);
    const withDuo = [ticket("a", 10), ticket("b", 20), ticket("e", 30, 1_000, 2)];
    expect(overtakes(queue, withDuo, [ticket("duo", 5, 1_000, 2)], 50)).toBe(true);
  });
});
