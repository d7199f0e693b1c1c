import { expect, it } from "vitest";
import { nextVersion } from "./player-state.ts";

it("never gives a version twice, whatever the clock does", () => {
  expect(nextVersion(5, 1_000)).toBe(1_000);
  expect(nextVersion(1_000, 1_000)).toBe(1_001);
  expect(nextVersion(2_000, 1_000)).toBe(2_001);
});
