import { expect, it } from "vitest";
import { isLegalTransition, nextVersion, type PlayerStateName } from "./player-state.ts";

const STATES: PlayerStateName[] = ["idle", "inqueue", "pending", "inmatch", "inspector"];
const LEGAL = [
  "idle → inqueue",
  "idle → inspector",
  "inqueue → idle",
  "inqueue → pending",
  "inqueue → inmatch",
  "pending → idle",
  "pending → inqueue",
  "pending → inmatch",
  "inmatch → idle",
  "inspector → idle",
];

it.each(STATES.flatMap((from) => STATES.map((to) => [from, to] as const)))(
  "%s → %s is legal only if told",
  (from, to) => {
    expect(isLegalTransition(from, to)).toBe(LEGAL.includes(`${from} → ${to}`));
  },
);

it("never gives a version twice, whatever the clock does", () => {
  expect(nextVersion(5, 1_000)).toBe(1_000);
  expect(nextVersion(1_000, 1_000)).toBe(1_001);
  expect(nextVersion(2_000, 1_000)).toBe(2_001);
});
