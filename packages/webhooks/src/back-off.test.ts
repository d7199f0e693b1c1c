import fc from "fast-check";
import { expect, it } from "vitest";
import { backOffMs } from "./back-off.ts";

it("doubles from five seconds up to an hour, of which chance takes at most half", () => {
  fc.assert(
    fc.property(fc.nat(1_000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (tries, chance) => {
      const most = Math.min(5_000 * 2 ** Math.min(tries, 30), 3_600_000);
      const afterMs = backOffMs(tries, { next: () => chance });
      expect(afterMs).toBeGreaterThanOrEqual(most / 2);
      expect(afterMs).toBeLessThanOrEqual(most);
    }),
  );
});
