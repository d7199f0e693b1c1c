import fc from "fast-check";
import { expect, it } from "vitest";
import { unpackEvents } from "./unpack-event.ts";

/** Of an entry that tells of one. */
const unpackEvent = (entry: string, packed: string) => unpackEvents(entry, packed)[0]?.event;

it("reads what is told of a ticket and of a match", () => {
  expect(unpackEvent("1700000000000-3", "queued duel t_1 1500.5 2")).toEqual({
    ...{ type: "queued", queue: "duel", ticket: "t_1", elo: 1_500.5, players: 2, at: 1_700_000_000_000 },
  });
  const matched = { queue: "duel", match: "m_1", at: 5, eloGap: 12.5, mover: "abc", tickets: "t_1 t_2" };
  expect(unpackEvent("5-0", "matched duel m_1 12.5 abc finder-1 t_1 t_2")).toEqual({
    ...{ ...matched, type: "matched", matchmaker: "finder-1" },
  });
  expect(unpackEvent("5-0", "joined duel m_1 12.5 abc - t_1 t_2")).toEqual({ ...matched, type: "joined" });
});

it("reads an event of each line, each with an id of its own", () => {
  const events = unpackEvents("5-0", "queued duel t_1 1500 1\nteleported\nqueued duel t_2 1400 2");
  expect(events.map(({ id, event }) => [id, event.type])).toEqual([
    ["5-0", "queued"],
    ["5-0.1", "other"],
    ["5-0.2", "queued"],
  ]);
});

it.each(["", "teleported duel t_1", "queued duel t_1 1500", "queued duel t_1 x 1", "matched duel m_1 0 abc -"])(
  "passes through what it doesn't know: %s",
  (packed) => {
    expect(unpackEvent("5-0", packed)).toEqual({ type: "other", name: packed.split(" ")[0], fields: { packed } });
  },
);

it("never throws", () => {
  const words = fc.array(fc.oneof(fc.constantFrom("queued", "matched", "joined", "duel", "5", "-"), fc.string()));
  fc.assert(fc.property(words, (some) => void unpackEvent("5-0", some.join(" "))));
});
