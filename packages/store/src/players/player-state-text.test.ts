import { NEVER_SEEN } from "@muster/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { formatPlayerState, parsePlayerState } from "./player-state-text.ts";

const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.:@|=+-]{0,20}$/).filter((text) => text !== "-");

it("reads back every state that it writes", () => {
  fc.assert(
    fc.property(
      fc.record(
        {
          state: fc.constantFrom("idle", "inqueue", "pending", "inmatch", "inspector"),
          version: fc.nat(),
          at: fc.nat(),
          tries: fc.nat(),
          ticket: id,
          ticketVersion: fc.nat(),
          match: id,
          queue: id,
        },
        { requiredKeys: ["state", "version", "at", "tries"] },
      ),
      (state) => {
        expect(parsePlayerState(formatPlayerState(state))).toEqual(state);
      },
    ),
  );
});

it("names the time once when it is the version", () => {
  const state = { state: "idle", version: 1_795_258_128_366, at: 1_795_258_128_366, tries: 0 } as const;
  expect(formatPlayerState(state)).toBe("idle 1795258128366 = 0 - - - -");
  expect(parsePlayerState("idle 1795258128366 = 0 - - - -")).toEqual(state);
});

it("takes a missing key for a player that was never seen", () => {
  expect(parsePlayerState(null)).toEqual(NEVER_SEEN);
});

it("refuses what nobody could have written", () => {
  expect(() => parsePlayerState("busy 1 1 1 - - - -")).toThrow("nobody could have written");
  expect(() => parsePlayerState("idle 1")).toThrow("nobody could have written");
});
