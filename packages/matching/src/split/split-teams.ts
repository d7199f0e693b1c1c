import type { Queue, WaitingTicket } from "@muster/core";
import { premadeLevel } from "../premade.ts";
import { judgeSplit, meanOf, partySizes, rolesOfSide, strengthGapOf } from "./judge-split.ts";
import { splitByDraft } from "./split-by-draft.ts";
import { splitExactly, TOO_MANY } from "./split-exactly.ts";
import { splitRules } from "./split-rules.ts";
import { byStrength, type Member, type Side, spreadOf, toUnit } from "./team-side.ts";

/**
 * Up to so many players, and so many splits of them, every split is tried: 126 for 5 against 5, 945 for five teams of
 * two that are alike. Of five teams that all differ there are 113,400: a tenth of a second.
 */
export const EXACT_PLAYERS = 10;
const EXACT_SPLITS = 5_000;

export interface SplitTeam {
  readonly tickets: readonly WaitingTicket[];
  /** Player → role; only in queues with roles. */
  readonly roles?: ReadonlyMap<string, string>;
}

export interface TeamSplit {
  /** In the order of the queue's teams. */
  readonly teams: readonly SplitTeam[];
  /** Largest difference between two teams' mean elo. */
  readonly eloGap: number;
  /** The same with the handicap of a full party against solo players. */
  readonly strengthGap: number;
  /** How unlike the teams' parties are: a place in `PREMADE_LEVELS`. */
  readonly premade: number;
  /** From 0, everybody has its first choice, to 1: see `MatchFacts`. */
  readonly roleFault: number;
}

/**
 * Splits the tickets of one match into teams, each ticket whole and in a team that it accepts, so that the match is as
 * good as can be (see `judgeSplit`): up to 10 players and 5,000 splits the best one there is, beyond a good one, found fast. It keeps
 * to the teams' places, to their roles, to what all tickets accept of parties and open places, and to rules about sums.
 * The same tickets in any order give the same teams.
 *
 * @param mostUnlike if the parties are to be more alike than the tickets ask for: a place in `PREMADE_LEVELS`
 * @returns undefined when no split is allowed, or, beyond those numbers, none was found
 */
export const splitTeams = (queue: Queue, members: readonly Member[], mostUnlike?: number): TeamSplit | undefined => {
  const rules = splitRules(queue, members, mostUnlike);
  const units = members.map(toUnit).sort(byStrength);
  const players = units.reduce((sum, { size }) => sum + size, 0);
  const exact = players <= EXACT_PLAYERS ? splitExactly(rules, units, EXACT_SPLITS) : TOO_MANY;
  const sides = exact === TOO_MANY ? splitByDraft(rules, units) : exact;
  if (!sides || !judgeSplit(rules, sides, rolesOfSide)) return undefined;
  const roles = sides.map(rolesOfSide);
  const faults = roles.reduce((sum, assignment) => sum + (assignment?.faults ?? 0), 0);
  return {
    teams: sides.map((side, index) => toSplitTeam(side, rules.withRoles ? roles[index]?.roles : undefined)),
    eloGap: spreadOf(sides, meanOf),
    strengthGap: strengthGapOf(rules, sides),
    premade: rules.withParties ? premadeLevel(queue, sides.map(partySizes)) : 0,
    roleFault: faults / players,
  };
};

const toSplitTeam = ({ units }: Side, roles: ReadonlyMap<string, string> | undefined): SplitTeam => ({
  tickets: units.map(({ ticket }) => ticket),
  ...(roles && { roles }),
});
