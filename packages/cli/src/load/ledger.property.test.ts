import type { PlayerStateName } from "@muster/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Ledger } from "./ledger.ts";

/** What an honest server makes of a ticket, and what its realm does. */
const FATES = ["matched", "cancelled", "cancelledTooLate", "expired", "waiting", "played"] as const;
type Fate = (typeof FATES)[number];

interface Step {
  run: () => void;
  /** Must have happened before, as a cause before its effect. */
  after?: () => boolean;
}

/** The steps of one player by the way they arrive: answers in their order, states in theirs. */
const stepsOf = (ledger: Ledger, player: string, fate: Fate): [answers: Step[], states: Step[]] => {
  const ticket = `t-${player}`;
  const match = `m-${player}`;
  const done = new Set<string>();
  let version = 0;
  const state = (name: PlayerStateName, after?: string): Step => ({
    run: () => {
      version += 1;
      const ids = { ticket, ...(name === "inmatch" && { match }) };
      ledger.frame({ op: "state", player, state: name, version, at: 0, ...ids }, 0);
      done.add(name);
    },
    ...(after !== undefined && { after: () => done.has(after) }),
  });
  const answer = (name: string, run: () => void, after?: string): Step => ({
    run: () => {
      run();
      done.add(name);
    },
    ...(after !== undefined && { after: () => done.has(after) }),
  });
  const accept = answer("accepted", () => ledger.accepted(player, ticket, 0));
  const askCancel = answer("asked", () => ledger.cancelAsked(ticket));
  const answered = (outcome: "cancelled" | "matched") =>
    answer("answered", () => ledger.cancelAnswered(ticket, outcome, outcome === "matched" ? match : undefined));
  const read = (status: "queued" | "expired", after?: string) =>
    answer("read", () => ledger.ticketRead(ticket, { status }), after);
  ledger.sent({ id: player, elo: 1_000, avgPingMs: 30 });
  switch (fate) {
    case "matched":
      return [[accept], [state("inqueue"), state("inmatch")]];
    case "cancelledTooLate":
      return [
        [accept, askCancel, answered("matched")],
        [state("inqueue"), state("inmatch")],
      ];
    case "cancelled":
      return [
        [accept, askCancel, answered("cancelled")],
        [state("inqueue"), state("idle", "asked")],
      ];
    case "expired":
      return [
        [accept, read("expired", "idle")],
        [state("inqueue"), state("idle")],
      ];
    case "waiting":
      return [[accept, read("queued")], [state("inqueue")]];
    case "played": {
      const ask = answer("ending", () => ledger.endAsked(match), "inmatch");
      const end = answer("ended", () => {
        const teams = [{ name: "1", players: [{ id: player, elo: 1_000, ticket }] }];
        ledger.ended({
          id: match,
          queue: "duel",
          state: "ended",
          createdAt: 0,
          endsAt: 1,
          version: 1,
          eloGap: 0,
          quality: 1,
          joined: 0,
          teams,
        });
      });
      return [
        [accept, ask, end],
        [state("inqueue"), state("inmatch"), state("idle", "ending")],
      ];
    }
  }
};

/** Runs the first step of a channel picked by `picks`, again and again, as far as its causes have happened. */
const interleave = (channels: Step[][], picks: Iterator<number>): void => {
  for (;;) {
    const ready = channels.filter(([step]) => step && (step.after?.() ?? true));
    const [step] = ready[picks.next().value % ready.length]?.splice(0, 1) ?? [];
    if (!step) return;
    step.run();
  }
};

it("an honest server is never accused, in whatever order answers and states arrive, and the counts add up", () => {
  const runs = fc.record({
    fates: fc.array(fc.constantFrom(...FATES), { minLength: 1, maxLength: 8 }),
    picks: fc.infiniteStream(fc.nat(1_000)),
  });
  fc.assert(
    fc.property(runs, ({ fates, picks }) => {
      const ledger = new Ledger({ teams: { count: 2, size: 1 } });
      interleave(
        fates.flatMap((fate, index) => stepsOf(ledger, `p${index}`, fate)),
        picks[Symbol.iterator](),
      );
      const counts = ledger.lives.close();
      const many = (...wanted: Fate[]) => fates.filter((fate) => wanted.includes(fate)).length;
      expect(ledger.violations.examples).toEqual([]);
      expect(counts).toMatchObject({
        enqueued: fates.length,
        matched: many("matched", "cancelledTooLate", "played"),
        cancelled: many("cancelled"),
        expired: many("expired"),
        waiting: many("waiting"),
        ...{ lost: 0, duplicates: 0, invalid: 0, unanswered: 0 },
      });
    }),
    { numRuns: 500 },
  );
});
