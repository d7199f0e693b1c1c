import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EVENT_TYPES, parseEvent } from "./events.ts";

const cancelled = {
  type: "cancelled",
  queue: "duel",
  ticket: "t1",
  at: "1700000000000",
  createdAt: "1699999999000",
  tries: "3",
};

describe("an entry of the event stream", () => {
  it("has its numbers read from text", () => {
    expect(parseEvent(cancelled)).toEqual({
      ...cancelled,
      at: 1_700_000_000_000,
      createdAt: 1_699_999_999_000,
      tries: 3,
    });
    const matched = { type: "matched", queue: "duel", match: "m1", at: "1", eloGap: "12.5" };
    expect(parseEvent(matched)).toEqual({ ...matched, at: 1, eloGap: 12.5 });
  });

  it("keeps fields that a newer version added", () => {
    expect(parseEvent({ ...cancelled, reason: "left" })).toMatchObject({ type: "cancelled", reason: "left" });
  });

  it.each([
    ["of a type that isn't known", { type: "teleported", queue: "duel", at: "1" }],
    ["without a field that its type needs", { type: "cancelled", queue: "duel", at: "1" }],
    ["with a number that is none", { ...cancelled, tries: "many" }],
  ])("%s is passed through as it is", (_, fields) => {
    expect(parseEvent(fields)).toEqual({ type: "other", name: fields.type, fields });
  });

  it("never throws, whatever its fields", () => {
    const type = fc.oneof(fc.constantFrom(...EVENT_TYPES), fc.string());
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), type, (fields, name) => {
        expect([name, "other"]).toContain(parseEvent({ ...fields, type: name }).type);
      }),
    );
  });
});
