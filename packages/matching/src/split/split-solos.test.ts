import fc from "fast-check";
import { expect, it } from "vitest";
import { criteriaFor } from "../criteria.ts";
import { queueOf, ticketOf } from "../test-support.ts";
import { splitSolos } from "./split-solos.ts";
import { splitTeams, type TeamSplit } from "./split-teams.ts";

const strongestOf = ({ teams }: TeamSplit): number[] =>
  teams.map(({ tickets }) => Math.max(...tickets.map(({ elo }) => elo))).sort((a, b) => b - a);

it("splits two teams of solo players as the way that knows all rules does", () => {
  const anyElos = (size: number) =>
    fc.array(fc.integer({ min: 900, max: 960 }), { minLength: 2 * size, maxLength: 2 * size });
  const anySolos = fc.integer({ min: 1, max: 5 }).chain(anyElos);
  let withTies = 0;
  fc.assert(
    fc.property(anySolos, (elos) => {
      const size = elos.length / 2;
      const queue = queueOf({ teams: { count: 2, size } });
      const members = elos.map((elo, age) => {
        const ticket = ticketOf(`t${age}`, elo);
        return { ticket, elo, age, criteria: criteriaFor(queue, 0) };
      });
      const split = splitSolos(members);
      const byRules = splitTeams(queue, members);
      expect(split).toEqual({ ...byRules, teams: split.teams, eloGap: split.eloGap, strengthGap: split.eloGap });
      expect(split.eloGap).toBeCloseTo(byRules?.eloGap ?? Number.NaN, 9);
      expect(strongestOf(split)).toEqual(byRules && strongestOf(byRules));
      const inTeams = split.teams.map(({ tickets }) => tickets.map(({ id }) => id));
      expect(inTeams.map(({ length }) => length)).toEqual([size, size]);
      expect(inTeams.flat().sort()).toEqual(members.map(({ ticket }) => ticket.id).sort());
      const sums = split.teams.map(({ tickets }) => tickets.reduce((sum, { elo }) => sum + elo, 0));
      expect(Math.abs((sums[0] ?? 0) - (sums[1] ?? 0)) / size).toBeCloseTo(split.eloGap, 9);
      if (new Set(elos).size < elos.length) withTies++;
      // In whatever order they come.
      expect(splitSolos(members.toReversed())).toEqual(split);
    }),
    { numRuns: 500 },
  );
  expect(withTies).toBeGreaterThan(50);
});
