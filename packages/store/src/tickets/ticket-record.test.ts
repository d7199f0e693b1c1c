import type { TicketRequest } from "@muster/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packRequest, parseAccepted, parseTicket, TICKET_FIELDS, unpackRequest } from "./ticket-record.ts";

const player = fc.record(
  {
    id: fc.stringMatching(/^[A-Za-z0-9._:-]{1,9}$/),
    elo: fc.double({ min: 0, max: 4_000, noNaN: true }).map((elo) => elo + 0),
    avgPingMs: fc.double({ min: 0, max: 2_000, noNaN: true }).map((ping) => ping + 0),
    position: fc.constant({ lat: 1, lon: 2.5 }),
    latencyMs: fc.constant<Record<string, number>>({ eu: 20 }),
    roles: fc.constant<string[]>(["tank"]),
    attributes: fc.constant({ platform: "pc { - }" }),
  },
  { requiredKeys: ["id", "elo"] },
);
const request: fc.Arbitrary<TicketRequest> = fc.record(
  {
    players: fc.array(player, { minLength: 1, maxLength: 5 }),
    teams: fc.constant<string[]>(["red"]),
    attributes: fc.constant({ map: "bay" }),
  },
  { requiredKeys: ["players"] },
);

const fieldsOf = (fields: Partial<Record<(typeof TICKET_FIELDS)[number], string>>) =>
  TICKET_FIELDS.map((name) => fields[name] ?? null);

describe("a request in a record", () => {
  it("comes out as it went in, whatever it says", () => {
    fc.assert(
      fc.property(request, (each) => {
        expect(unpackRequest(packRequest(each))).toEqual(each);
      }),
    );
  });

  it("is words when no more is known of its players than elo and ping", () => {
    const players = [{ id: "ann", elo: 1_200.5, avgPingMs: 35 }, ...[{ id: "bob", elo: 1_000 }]];
    expect(packRequest({ players })).toBe("ann 1200.5 35 bob 1000 -");
    expect(packRequest({ players, teams: ["red"] })).toMatch(/^\{/);
  });

  it.each(["", "ann", "ann 1000", "{"])("that could not have been written, %j, is an error", (text) => {
    expect(() => unpackRequest(text)).toThrow(SyntaxError);
  });
});

describe("a record", () => {
  const accepted = "duel 1000 60000 2 ann 1200 35";

  it("of which nothing has changed is what was accepted", () => {
    expect(parseTicket("t_1", fieldsOf({ in: accepted }))).toEqual({
      ...{ id: "t_1", queue: "duel", status: "queued", version: 1, tries: 2, createdAt: 1_000, expiresAt: 61_000 },
      players: [{ id: "ann", elo: 1_200, avgPingMs: 35 }],
    });
  });

  it("has each change in a field of its own, and what was accepted beside it", () => {
    const changed = { version: "3", tries: "5", createdAt: "2000", expiresAt: "62000", request: "ann 1300 -" };
    const ended = { status: "cancelled - 3000", reason: "left", away: "ann bob" };
    const fields = fieldsOf({ in: accepted, ...changed, ...ended, awayUntil: "4000" });
    expect(parseTicket("t_1", fields)).toEqual({
      ...{ id: "t_1", queue: "duel", status: "cancelled", version: 3, tries: 5, createdAt: 2_000, expiresAt: 62_000 },
      ...{ endedAt: 3_000, reason: "left", away: ["ann", "bob"], awayUntil: 4_000 },
      players: [{ id: "ann", elo: 1_300 }],
    });
    expect(parseAccepted(accepted)).toEqual({
      ...{ queue: "duel", createdAt: 1_000, expiresAt: 61_000, tries: 2, request: "ann 1200 35" },
    });
    expect(parseAccepted("duel 1000 60000 2#d1 ann 1200 35")).toMatchObject({ tries: 2, digest: "d1" });
  });

  it.each([
    ["matched m_1 3000", { status: "matched", match: "m_1", endedAt: 3_000 }],
    ["pending m_1", { status: "pending", match: "m_1" }],
    ["expired - 3000", { status: "expired", endedAt: 3_000 }],
    ["queued", { status: "queued" }],
  ])("says by one field what became of it: %s", (status, expected) => {
    const ticket = parseTicket("t_1", fieldsOf({ in: accepted, status }));
    expect(ticket).toEqual({ ...parseTicket("t_1", fieldsOf({ in: accepted })), ...expected });
  });

  it("that is gone, or of which only later fields are left, is no ticket", () => {
    expect(parseTicket("t_1", fieldsOf({}))).toBeNull();
    expect(parseTicket("t_1", fieldsOf({ status: "matched m_1 3000" }))).toBeNull();
  });
});
