import { type Queue, teamsOf, type WaitingTicket } from "@muster/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accept, anyDuel, anyTeamQueue, anyTickets, matched, queueOf, searchFor, ticketOf } from "./test-support.ts";

interface Input {
  queue: Queue;
  serve: WaitingTicket[];
  candidates: WaitingTicket[];
}

/** Some tickets as bad data has them: with a player of another ticket, or changed since the copy to serve was read. */
const muddled = (ticket: WaitingTicket, how: number): WaitingTicket => {
  if (how === 0)
    return { ...ticket, players: ticket.players.map((player) => ({ ...player, id: `shared-${player.elo}` })) };
  if (how === 1) return { ...ticket, version: ticket.version + 1, tries: ticket.tries + 1 };
  return ticket;
};

/** Duels of solo players and team matches with parties; candidates repeat served tickets, some of them muddled. */
const anySearch: fc.Arbitrary<Input> = fc
  .oneof(
    fc.tuple(anyDuel, anyTickets({ maxLength: 60 })),
    fc.tuple(anyTeamQueue, anyTickets({ maxParty: 3, maxLength: 60 })),
  )
  .chain(([queue, tickets]) =>
    fc
      .tuple(fc.subarray(tickets), fc.shuffledSubarray(tickets), fc.infiniteStream(fc.nat(20)))
      .map(([serve, candidates, how]) => ({
        queue,
        serve,
        candidates: candidates.map((ticket) => muddled(ticket, how.next().value)),
      })),
  );

/** Every match that is found, with its tickets as they were given, in the version that the proposal names. */
const forEachMatch = (
  { queue, serve, candidates }: Input,
  check: (found: { tickets: WaitingTicket[]; proposal: ReturnType<typeof searchFor>["proposals"][number] }) => void,
): void => {
  const given = [...serve, ...candidates];
  for (const proposal of searchFor(queue, serve, candidates).proposals) {
    const tickets = proposal.tickets.map(({ id, version }) =>
      given.find((ticket) => ticket.id === id && ticket.version === version),
    );
    check({ tickets: tickets.filter((ticket) => ticket !== undefined), proposal });
  }
};

const always = (check: (input: Input) => void): void => fc.assert(fc.property(anySearch, check), { numRuns: 300 });

describe("every match that is found", () => {
  it("satisfies the criteria of each of its tickets", () => {
    always((input) =>
      forEachMatch(input, ({ tickets, proposal }) => {
        expect(tickets).toHaveLength(proposal.tickets.length);
        for (const one of tickets) {
          for (const other of tickets) if (one !== other) expect(accept(input.queue, one, other)).toBe(true);
        }
      }),
    );
  });

  it("fills its teams exactly, with every party whole in one of them", () => {
    always((input) =>
      forEachMatch(input, ({ tickets, proposal }) => {
        const { teamShapes } = input.queue;
        expect(proposal.teams.map(({ name }) => name)).toEqual(teamShapes.map(({ name }) => name));
        const teams = teamsOf(proposal);
        for (const [index, { players }] of teams.entries()) {
          expect(players).toHaveLength(teamShapes[index]?.max ?? 0);
        }
        for (const ticket of tickets) {
          const team = teams.find(({ players }) => players.some((player) => player.ticket === ticket.id));
          const own = team?.players.filter((player) => player.ticket === ticket.id);
          expect(own).toEqual(ticket.players.map(({ id, elo }) => ({ id, elo, ticket: ticket.id })));
        }
      }),
    );
  });

  it("states what the commit needs: the tickets as they were given, and the gap of the teams", () => {
    always((input) =>
      forEachMatch(input, ({ tickets, proposal }) => {
        expect(proposal.queue).toBe("test");
        const given = [...input.serve, ...input.candidates];
        expect(proposal.tickets.filter((ticket) => !given.includes(ticket))).toEqual([]);
        expect(proposal.tickets).toEqual(tickets);
        const means = teamsOf(proposal).map(
          ({ players }) => players.reduce((sum, { elo }) => sum + elo, 0) / players.length,
        );
        expect(proposal.eloGap).toBeCloseTo(Math.max(...means) - Math.min(...means), 9);
      }),
    );
  });

  it("is built around a ticket to serve", () => {
    always((input) =>
      forEachMatch(input, ({ proposal }) => {
        expect(input.serve.map(({ id }) => id)).toContain(proposal.tickets[0]?.id);
      }),
    );
  });
});

describe("a search", () => {
  it("uses each ticket and each player once at most, and answers for every served ticket", () => {
    always(({ queue, serve, candidates }) => {
      const { proposals, unmatched } = searchFor(queue, serve, candidates);
      const tickets = matched(proposals).flat();
      const players = proposals.flatMap((proposal) =>
        teamsOf(proposal).flatMap((team) => team.players.map(({ id }) => id)),
      );
      expect(new Set(tickets).size).toBe(tickets.length);
      expect(new Set(players).size).toBe(players.length);
      const served = new Set(serve.map(({ id }) => id));
      const answered = [...tickets.filter((id) => served.has(id)), ...unmatched.map(({ id }) => id)];
      expect(answered.sort()).toEqual([...served].sort());
    });
  });

  it("finds the same for the same tickets in any order", () => {
    always(({ queue, serve, candidates }) => {
      const forth = searchFor(queue, serve, candidates);
      expect(searchFor(queue, serve, candidates)).toEqual(forth);
      expect(searchFor(queue, serve.toReversed(), candidates.toReversed())).toEqual(forth);
    });
  });

  it("leaves its input as it was", () => {
    always(({ queue, serve, candidates }) => {
      const before = structuredClone({ serve, candidates });
      searchFor(queue, serve, candidates);
      expect({ serve, candidates }).toEqual(before);
    });
  });

  it("of nothing finds nothing", () => {
    expect(searchFor(queueOf(), [], [ticketOf("a", 1), ticketOf("b", 1)])).toEqual({ proposals: [], unmatched: [] });
  });

  it("gives back what can't be matched, oldest first, in its newest version", () => {
    const queue = queueOf({ steps: [{ fromTry: 0, eloSpread: 10 }] });
    const lonely = ticketOf("lonely", 5000, { createdAt: 3 });
    const changed = { ...lonely, version: 2 };
    const party = ticketOf("party", [1000, 1000], { createdAt: 2 });
    const broken = ticketOf("broken", Number.NaN, { createdAt: 1 });
    const alone = ticketOf("alone", 1000, { createdAt: 4 });
    expect(searchFor(queue, [alone, lonely, party, broken], [changed])).toEqual({
      proposals: [],
      unmatched: [broken, party, changed, alone],
    });
  });

  it("matches more widely once a ticket and its opponent have tried more", () => {
    const steps = [
      { fromTry: 0, eloSpread: 50 },
      { fromTry: 2, eloSpread: 100 },
    ];
    const [one, other] = [ticketOf("a", 1000, { tries: 2 }), ticketOf("b", 1100, { tries: 1 })];
    expect(searchFor(queueOf({ steps }), [one, other]).proposals).toEqual([]);
    expect(matched(searchFor(queueOf({ steps }), [one, { ...other, tries: 2 }]).proposals)).toEqual([["a", "b"]]);
  });

  it("pairs a thousand tickets of one elo, and ten times as many that refuse each other, without trying all pairs", () => {
    const queue = queueOf({ steps: [{ fromTry: 0, pingSpreadMs: 0 }] });
    const equal = Array.from({ length: 1_000 }, (_, index) => ticketOf(`e${index}`, 1000, { createdAt: index }));
    expect(searchFor(queue, equal).proposals).toHaveLength(500);
    const apart = Array.from({ length: 10_000 }, (_, index) => ticketOf(`a${index}`, 1000, { pings: [index] }));
    expect(searchFor(queue, apart).unmatched).toHaveLength(10_000);
  });
});
