import { describe, expect, it } from "vitest";
import { gather } from "./gather.ts";
import { ticketOf } from "./test-support.ts";

/** Each ticket with whether it is served. */
const gathered = (...given: Parameters<typeof gather>) => {
  const { tickets, served } = gather(...given);
  return tickets.map((ticket, index) => ({ ticket, served: served[index] === 1 }));
};

describe("gathering tickets", () => {
  const old = ticketOf("a", 1000, { version: 1 });
  const changed = ticketOf("a", 1200, { version: 2 });

  it("keeps one of each id, and serves it if any copy was to be served", () => {
    const other = ticketOf("b", 1000);
    expect(gathered([old], [old, other, other])).toEqual([
      { ticket: old, served: true },
      { ticket: other, served: false },
    ]);
  });

  it("keeps the highest version, wherever it comes from", () => {
    expect(gathered([old], [changed])).toEqual([{ ticket: changed, served: true }]);
    expect(gathered([changed], [old])).toEqual([{ ticket: changed, served: true }]);
    expect(gathered([], [changed, old])).toEqual([{ ticket: changed, served: false }]);
  });

  it("prefers, among equal versions, the copy to serve, then the one with more tries", () => {
    const tried = { ...old, tries: 4 };
    expect(gathered([old], [tried])).toEqual([{ ticket: old, served: true }]);
    expect(gathered([old, tried], [])).toEqual([{ ticket: tried, served: true }]);
    expect(gathered([], [tried, old])).toEqual([{ ticket: tried, served: false }]);
  });
});
