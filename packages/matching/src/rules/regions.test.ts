import type { Queue, WaitingTicket } from "@muster/core";
import { describe, expect, it } from "vitest";
import { compatible } from "../compatible.ts";
import { queueOf, searchFor, seekersOf, ticketOf } from "../test-support.ts";
import { regionOf } from "./terms.ts";

type Pings = Record<string, number> | undefined;

/** A ticket whose players have these pings to regions. */
const at = (id: string, pings: Pings | readonly Pings[], tries = 0): WaitingTicket => {
  const list: readonly Pings[] = isList(pings) ? pings : [pings];
  const ticket = ticketOf(
    id,
    list.map(() => 1000),
    { tries },
  );
  const players = ticket.players.map((player, index) => {
    const latencyMs = list[index];
    return { ...player, ...(latencyMs && { latencyMs }) };
  });
  return { ...ticket, players };
};

const isList = (pings: Pings | readonly Pings[]): pings is readonly Pings[] => Array.isArray(pings);

const queue = queueOf({
  steps: [
    { fromTry: 0, maxLatencyMs: 60, maxDeltaPingMs: 20 },
    { fromTry: 2, maxLatencyMs: 120, maxDeltaPingMs: 50 },
    { fromTry: 4 },
  ],
});

/** The region that two tickets are placed in; undefined for nowhere in particular, "refused" when there is none. */
const placed = (a: WaitingTicket, b: WaitingTicket, of: Queue = queue): string | undefined => {
  const [one, other] = seekersOf(of, [a, b]);
  if (!one || !other) throw new Error("two tickets make two seekers");
  expect(compatible(other, one)).toBe(compatible(one, other));
  return compatible(one, other) ? regionOf([one, other]) : "refused";
};

describe("two tickets are placed", () => {
  it("in the region with the lowest worst ping", () => {
    expect(placed(at("a", { eu: 10, us: 50 }, 4), at("b", { eu: 90, us: 60 }, 4))).toBe("us");
  });

  it("at equal worst pings in that with the lowest sum, then by name", () => {
    expect(placed(at("a", { eu: 40, us: 40 }), at("b", { eu: 35, us: 30 }))).toBe("us");
    expect(placed(at("a", { us: 40, eu: 30 }), at("b", { us: 30, eu: 40 }))).toBe("eu");
  });

  it("where each has a ping, nowhere else", () => {
    expect(placed(at("a", { asia: 1, eu: 40 }, 4), at("b", { eu: 50, us: 2 }, 4))).toBe("eu");
    expect(placed(at("a", { asia: 1 }, 4), at("b", { us: 2 }, 4))).toBe("refused");
  });

  it("within the largest ping that each accepts, for both", () => {
    expect(placed(at("a", { eu: 60 }), at("b", { eu: 60 }))).toBe("eu");
    expect(placed(at("a", { eu: 10 }), at("b", { eu: 61 }, 2))).toBe("refused");
    expect(placed(at("a", { eu: 61 }, 2), at("b", { eu: 10 }))).toBe("refused");
    expect(placed(at("a", { eu: 61 }, 2), at("b", { eu: 10 }, 2))).toBe("eu");
  });

  it("within the largest difference to one's own best that each accepts, for both", () => {
    expect(placed(at("a", { eu: 10, us: 30 }), at("b", { us: 10 }))).toBe("us");
    expect(placed(at("a", { eu: 10, us: 31 }), at("b", { us: 10 }, 2))).toBe("refused");
    // The best may be a region that the match can't be placed in.
    expect(placed(at("a", { eu: 10, us: 31 }, 2), at("b", { us: 10 }))).toBe("refused");
    expect(placed(at("a", { eu: 10, us: 31 }, 2), at("b", { us: 10 }, 2))).toBe("us");
  });

  it("anywhere that suits the others when nothing is known of a player", () => {
    expect(placed(at("a", undefined), at("b", { eu: 20, us: 30 }))).toBe("eu");
    expect(placed(at("a", {}), at("b", { eu: 20, us: 30 }))).toBe("eu");
    expect(placed(at("a", [undefined, { us: 10 }]), at("b", { eu: 20, us: 30 }))).toBe("us");
    expect(placed(at("a", undefined), at("b", { eu: 70 }, 2))).toBe("refused");
    expect(placed(at("a", undefined), at("b", undefined))).toBeUndefined();
  });

  it("with every player of a party within the limits", () => {
    expect(placed(at("a", [{ eu: 10 }, { eu: 50 }]), at("b", { eu: 20 }))).toBe("eu");
    expect(placed(at("a", [{ eu: 10 }, { eu: 61 }]), at("b", { eu: 20 }))).toBe("refused");
    expect(placed(at("a", [{ eu: 10 }, { us: 10 }], 4), at("b", { eu: 20, us: 20 }, 4))).toBe("refused");
  });

  it("not at all in a queue that doesn't look at regions", () => {
    expect(placed(at("a", { eu: 10 }), at("b", { us: 10 }), queueOf())).toBeUndefined();
  });
});

describe("a match of teams", () => {
  const duos = queueOf({ teams: { count: 2, size: 2 }, maxPartySize: 2, steps: [{ fromTry: 0, maxLatencyMs: 50 }] });

  it("is placed where all of its players can play", () => {
    const pings = [{ eu: 40, us: 10 }, { eu: 40, us: 20 }, { eu: 30, us: 45 }, undefined];
    const [proposal] = searchFor(
      duos,
      pings.map((each, index) => at(`t${index}`, each)),
    ).proposals;
    expect(proposal?.region).toBe("eu");
  });

  it("isn't made of players who only two by two have a region", () => {
    const pings = [
      { eu: 1, us: 1 },
      { asia: 1, us: 1 },
      { asia: 1, eu: 1 },
      { asia: 1, eu: 1, us: 1 },
    ];
    const tickets = pings.map((each, index) => at(`t${index}`, each));
    expect(searchFor(duos, tickets).proposals).toEqual([]);
  });

  it("is found beyond nearer tickets that would lead it to another region", () => {
    const me = at("me", { eu: 10, us: 20 });
    const eu = at("eu", { eu: 10 });
    const us = Array.from({ length: 3 }, (_, index) => ({ ...at(`us${index}`, { us: 10 }), elo: 1001 }));
    const [proposal] = searchFor(duos, [me], [eu, ...us]).proposals;
    expect(proposal?.region).toBe("us");
    expect(proposal?.tickets.map(({ id }) => id)).toEqual(["me", "us0", "us1", "us2"]);
  });
});

describe("a match with lists in common", () => {
  const rule = { kind: "intersection", attribute: "maps", atLeast: 1, missing: "refuse" } as const;
  const duos = queueOf({ teams: { count: 2, size: 2 }, maxPartySize: 2, rules: [rule] });
  const playing = (id: string, ...maps: string[]): WaitingTicket => {
    const ticket = ticketOf(id, 1000);
    return { ...ticket, players: ticket.players.map((player) => ({ ...player, attributes: { maps } })) };
  };

  it("isn't made of players who only two by two have a map", () => {
    const tickets = [
      playing("a", "x", "y"),
      playing("b", "y", "z"),
      playing("c", "x", "z"),
      playing("d", "x", "y", "z"),
    ];
    expect(searchFor(duos, tickets).proposals).toEqual([]);
  });

  it("isn't joined by one who asks after two who have nothing in common and no longer ask", () => {
    const lenient = { ...duos, rules: [{ ...rule, missing: "accept" as const, untilTry: 2 }] };
    const dropped = [playing("a", "x"), playing("b", "y")].map((ticket) => ({ ...ticket, tries: 2 }));
    const listless = [ticketOf("c", 1000), ticketOf("d", 1000)];
    expect(searchFor(lenient, [...dropped, ...listless]).proposals).toEqual([]);
    const patient = listless.map((ticket) => ({ ...ticket, tries: 2 }));
    expect(searchFor(lenient, [...dropped, ...patient]).proposals).toHaveLength(1);
  });

  it("is found beyond nearer tickets that would lead it to another map", () => {
    const others = ["z0", "z1", "z2"].map((id) => playing(id, "y"));
    const [proposal] = searchFor(duos, [playing("me", "x", "y")], [playing("a", "x"), ...others]).proposals;
    expect(proposal?.tickets.map(({ id }) => id)).toEqual(["me", "z0", "z1", "z2"]);
  });
});
